// The smallest framework there can be on the shared layer: tensors that own memory, and nothing of any real
// framework's.
#pragma once

#include <memory>
#include <vector>

#include "lineshaft/frontend/allocation.h"
#include "lineshaft/frontend/tensor_ref.h"

namespace lineshaft::frontend::test {

class Tensor {
 public:
  Tensor(DType dtype, std::vector<int64_t> sizes);
  template <class T>
  Tensor(DType dtype, std::vector<int64_t> sizes, const std::vector<T>& values) : Tensor(dtype, std::move(sizes)) {
    write(values.data(), static_cast<int64_t>(values.size() * sizeof(T)));
  }

  // The same memory with other sizes, strides and first element.
  Tensor view(std::vector<int64_t> sizes, std::vector<int64_t> strides, int64_t offset = 0) const;

  TensorRef ref() const;
  operator TensorRef() const { return ref(); }  // NOLINT: tensors are given where refs are taken
  // The elements of the memory from the first on, whatever the strides.
  template <class T>
  std::vector<T> values() const {
    std::vector<T> result(static_cast<size_t>(memory_->size) / sizeof(T));
    read(result.data());
    return result;
  }

 private:
  void write(const void* source, int64_t bytes);
  void read(void* destination) const;

  DType dtype_;
  std::vector<int64_t> sizes_, strides_;
  int64_t offset_ = 0;  // bytes
  std::shared_ptr<Allocation> memory_;
};

}  // namespace lineshaft::frontend::test

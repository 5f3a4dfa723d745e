// For unit tests of kernels: a Context over plain vectors.
#pragma once

#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "backends/cpu/context.h"
#include "backends/cpu/storage.h"

namespace lineshaft::cpu {

class TestContext final : public Context {
 public:
  struct BadIndex {
    int64_t index, bound;
    friend bool operator==(const BadIndex&, const BadIndex&) = default;
  };

  // A row-major tensor; f16 and bf16 are given as floats and rounded, bool as numbers.
  template <class T>
  TensorView tensor(DType dtype, std::initializer_list<int64_t> sizes, const std::vector<T>& values) {
    TensorView view = empty(dtype, sizes);
    visit_storage(dtype, [&]<class S>(std::type_identity<S>) {
      for (size_t i = 0; i < values.size(); ++i) data<S>(view)[i] = narrow<S>(static_cast<Compute<S>>(values[i]));
    });
    return view;
  }
  TensorView empty(DType dtype, std::initializer_list<int64_t> sizes) {
    buffers_.emplace_back();
    TensorView view = contiguous_view(BufferId::make(static_cast<uint32_t>(buffers_.size()), 1), dtype, sizes);
    buffers_.back().assign(view.numel() * size_of(dtype) + 1, std::byte{0x5a});
    return view;
  }
  // The view's elements in row-major order.
  template <class T>
  std::vector<T> values(const TensorView& view) {
    std::vector<T> result;
    visit_storage(view.dtype, [&]<class S>(std::type_identity<S>) {
      for (int64_t i = 0; i < view.numel(); ++i) {
        int64_t offset = 0, rest = i;
        for (int axis = view.rank - 1; axis >= 0; rest /= view.sizes[axis--])
          offset += rest % view.sizes[axis] * view.strides[axis];
        result.push_back(static_cast<T>(widen(data<S>(view)[offset])));
      }
    });
    return result;
  }

  void* scratch(size_t bytes) override {
    scratch_.push_back(std::make_unique<std::byte[]>(bytes + 64));
    void* start = scratch_.back().get();
    size_t space = bytes + 64;
    return std::align(64, bytes, start, space);
  }
  void report_index(int64_t index, int64_t bound) override {
    std::lock_guard lock(mutex_);
    if (!bad_index) bad_index = {index, bound};
  }
  void report_requirement(Requirement requirement) override {
    std::lock_guard lock(mutex_);
    if (!unmet) unmet = requirement;
  }
  uint64_t write_count(BufferId) override { return 0; }

  std::optional<BadIndex> bad_index;
  std::optional<Requirement> unmet;

 protected:
  std::byte* base(BufferId buffer) override { return buffers_.at(buffer.slot() - 1).data(); }

 private:
  std::deque<std::vector<std::byte>> buffers_;
  std::vector<std::unique_ptr<std::byte[]>> scratch_;
  std::mutex mutex_;
};

}  // namespace lineshaft::cpu

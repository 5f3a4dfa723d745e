#include "frontend/tensor.h"

#include <algorithm>
#include <utility>

namespace lineshaft::frontend::test {

Tensor::Tensor(DType dtype, std::vector<int64_t> sizes)
    : dtype_(dtype), sizes_(std::move(sizes)), strides_(sizes_.size()) {
  int64_t count = 1;
  for (size_t i = sizes_.size(); i-- > 0;) {
    strides_[i] = count;
    count *= sizes_[i];
  }
  memory_ = {allocate(0, std::max<int64_t>(count, 1) * size_of(dtype)), &release};
}

Tensor Tensor::view(std::vector<int64_t> sizes, std::vector<int64_t> strides, int64_t offset) const {
  Tensor other = *this;
  other.sizes_ = std::move(sizes);
  other.strides_ = std::move(strides);
  other.offset_ = offset * size_of(dtype_);
  return other;
}

TensorRef Tensor::ref() const {
  return {memory_->buffer, offset_, dtype_, sizes_, strides_};
}

void Tensor::write(const void* source, int64_t bytes) {
  memory_->stream->write(memory_->buffer, 0, source, bytes);
}

void Tensor::read(void* destination) const {
  memory_->stream->read(memory_->buffer, 0, destination, memory_->size);
}

}  // namespace lineshaft::frontend::test

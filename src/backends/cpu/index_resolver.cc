#include "backends/cpu/index_resolver.h"

namespace lineshaft::cpu {

IndexResolver::IndexResolver(Context& context, List<TensorView> indices, List<int64_t> index_strides,
                             List<int64_t> bounds, bool wrap)
    : context_(context), count_(static_cast<int>(indices.size())), wrap_(wrap) {
  for (int j = 0; j < count_; ++j)
    indices_[j] = {context.data(indices[j]), indices[j].dtype == DType::kI64, index_strides[j], bounds[j]};
}

bool IndexResolver::resolve_index(int j, int64_t at, int64_t step, int64_t count, int64_t* result) const {
  if (indices_[j].wide)
    return resolve_typed(j, reinterpret_cast<const int64_t*>(indices_[j].data) + at, step, count, result);
  return resolve_typed(j, reinterpret_cast<const int32_t*>(indices_[j].data) + at, step, count, result);
}

template <class T>
bool IndexResolver::resolve_typed(int j, const T* index, int64_t step, int64_t count, int64_t* result) const {
  const int64_t stride = indices_[j].stride, bound = indices_[j].bound, shift = wrap_ ? bound : 0;
  auto resolve = [&](int64_t k, int64_t given) {
    int64_t value = given + (given < 0 ? shift : 0);
    bool inside = static_cast<uint64_t>(value) < static_cast<uint64_t>(bound);
    int64_t sum = j == 0 ? 0 : result[k];
    result[k] = inside && sum != kOutside ? sum + value * stride : kOutside;
    return !inside;
  };
  bool bad = false;
  if (step == 1)
    for (int64_t k = 0; k < count; ++k) bad |= resolve(k, index[k]);
  else
    for (int64_t k = 0; k < count; ++k) bad |= resolve(k, index[k * step]);
  if (!bad) return true;
  for (int64_t k = 0; k < count; ++k) {
    int64_t value = index[k * step], wrapped = value + (value < 0 ? shift : 0);
    if (static_cast<uint64_t>(wrapped) < static_cast<uint64_t>(bound)) continue;
    context_.report_index(value, bound);
    break;
  }
  return false;
}

}  // namespace lineshaft::cpu

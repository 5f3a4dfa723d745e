#include "backends/cpu/simd/normalize_kernels.h"
#include "backends/cpu/simd/vector.h"

namespace lineshaft::cpu {
namespace {

// An operand that moves with the elements, or one value for all of them.
template <class T>
struct Side {
  Side(const void* data, bool still)
      : data(static_cast<const T*>(data)), value(data ? splat(*static_cast<const T*>(data)) : Vec<T>{}), still(still) {}
  Vec<T> at(int64_t i) const { return still ? value : load(data + i); }
  Vec<T> part(int64_t i, int count) const { return still ? value : load_part(data + i, count); }
  const T* data;
  Vec<T> value;
  bool still;
};

template <class T, bool has_mean, bool has_weight, bool has_bias>
void apply_as(const NormalizeArgs& k) {
  auto* x = static_cast<const T*>(k.x);
  auto* out = static_cast<T*>(k.out);
  Side<T> mean(k.operands[0], k.still & 1), rstd(k.operands[1], k.still & 2), weight(k.operands[2], k.still & 4),
      bias(k.operands[3], k.still & 8);
  auto value = [&](Vec<T> v, auto get) {
    if constexpr (has_mean) v = v - get(mean);
    v = v * get(rstd);
    if constexpr (has_weight) v = v * get(weight);
    if constexpr (has_bias) v = v + get(bias);
    return v;
  };
  int64_t i = 0;
  for (; i + kLanes<T> <= k.n; i += kLanes<T>)
    store(out + i, value(load(x + i), [&](const Side<T>& side) { return side.at(i); }));
  if (i == k.n) return;
  int rest = static_cast<int>(k.n - i);
  store_part(out + i, value(load_part(x + i, rest), [&](const Side<T>& side) { return side.part(i, rest); }), rest);
}

template <class T>
void apply(const NormalizeArgs& k) {
  using Loop = void (*)(const NormalizeArgs&);
  static constexpr Loop kLoops[] = {apply_as<T, false, false, false>, apply_as<T, true, false, false>,
                                    apply_as<T, false, true, false>,  apply_as<T, true, true, false>,
                                    apply_as<T, false, false, true>,  apply_as<T, true, false, true>,
                                    apply_as<T, false, true, true>,   apply_as<T, true, true, true>};
  kLoops[(k.operands[0] ? 1 : 0) | (k.operands[2] ? 2 : 0) | (k.operands[3] ? 4 : 0)](k);
}

template <class T, bool has_mean, int weighting, bool centered>  // weighting: 0 none, 1 by element, 2 constant
void grad_as(const NormalizeGradArgs& k) {
  auto* grad = static_cast<const T*>(k.grad);
  auto* x = static_cast<const T*>(k.x);
  auto* out = static_cast<T*>(k.out);
  Side<T> mean(k.operands[0], k.still & 1), rstd(k.operands[1], k.still & 2), weight(k.operands[2], k.still & 4),
      grad_sum(k.operands[3], k.still & 8), product_sum(k.operands[4], k.still & 16);
  T scale = static_cast<T>(k.scale);
  auto value = [&](Vec<T> g, Vec<T> v, auto get) {
    if constexpr (has_mean) v = v - get(mean);
    Vec<T> r = get(rstd);
    v = v * r;
    if constexpr (weighting == 1) g = g * get(weight);
    if constexpr (centered) g = g - get(grad_sum) * scale;
    g = g - v * (get(product_sum) * scale);
    if constexpr (weighting == 2) r = r * get(weight);
    return g * r;
  };
  int64_t i = 0;
  for (; i + kLanes<T> <= k.n; i += kLanes<T>)
    store(out + i, value(load(grad + i), load(x + i), [&](const Side<T>& side) { return side.at(i); }));
  if (i == k.n) return;
  int rest = static_cast<int>(k.n - i);
  store_part(
      out + i,
      value(load_part(grad + i, rest), load_part(x + i, rest), [&](const Side<T>& side) { return side.part(i, rest); }),
      rest);
}

template <class T>
void apply_grad(const NormalizeGradArgs& k) {
  using Loop = void (*)(const NormalizeGradArgs&);
  static constexpr Loop kLoops[] = {
      grad_as<T, false, 0, false>, grad_as<T, true, 0, false>, grad_as<T, false, 0, true>, grad_as<T, true, 0, true>,
      grad_as<T, false, 1, false>, grad_as<T, true, 1, false>, grad_as<T, false, 1, true>, grad_as<T, true, 1, true>,
      grad_as<T, false, 2, false>, grad_as<T, true, 2, false>, grad_as<T, false, 2, true>, grad_as<T, true, 2, true>};
  int weighting = !k.operands[2] ? 0 : k.constant_weight ? 2 : 1;
  kLoops[(k.operands[0] ? 1 : 0) | (k.operands[3] ? 2 : 0) | weighting * 4](k);
}

}  // namespace

void LINESHAFT_ISA::fill_normalize(NormalizeKernels (&table)[2]) {
  table[0] = {apply<double>, apply_grad<double>};
  table[1] = {apply<float>, apply_grad<float>};
}

}  // namespace lineshaft::cpu

// QR factorizations and products with their orthogonal matrices.
#include <ATen/ops/linalg_qr_meta.h>

#include "csrc/core/structured.h"
#include "csrc/ops/matrices.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;

void factor_qr(const Tensor& self, const Tensor& factors, const Tensor& tau) {
  require_full_precision("geqrf", self);
  if (self.numel() == 0) return;
  JoinedResult qr(factors), scales(tau, 1);
  Tensor input = join_batch(apart_from(self, factors));
  Qr op{.input = view_of(input), .output = view_of(qr.batch()), .tau = view_of(scales.batch())};
  stream_of(self).record(op);
  qr.finish();
  scales.finish();
}

// result = H_0 H_1 ... b, or its transpose's product.
void record_reflections(const Tensor& reflectors, const Tensor& tau, bool transpose, const Tensor& b,
                        const Tensor& result) {
  if (result.numel() == 0) return;
  if (tau.numel() == 0) {
    result.copy_(b);
    return;
  }
  JoinedResult product(result);
  Tensor vectors = join_batch(reflectors.narrow(-1, 0, tau.size(-1))), scales = join_vectors(tau);
  Tensor factor = join_batch(b);
  ApplyReflectors op{.transposed = transpose, .reflectors = view_of(vectors), .tau = view_of(scales)};
  op.input = view_of(factor);
  op.output = view_of(product.batch());
  stream_of(result).record(op);
  product.finish();
}

std::tuple<Tensor, Tensor> new_qr(const Tensor& self) {
  TORCH_CHECK(self.dim() >= 2, "torch.geqrf: input must have at least 2 dimensions.");
  auto sizes = self.sizes().slice(0, self.dim() - 2).vec();
  sizes.push_back(std::min(self.size(-2), self.size(-1)));
  auto strides = at::native::batched_matrix_contiguous_strides(self.sizes(), true);
  Tensor factors = empty_strided(self.sizes(), strides, self.scalar_type(), self.device().index());
  Tensor tau = empty(sizes, self.scalar_type(), self.device().index());
  factor_qr(self, factors, tau);
  return {factors, tau};
}
std::tuple<Tensor&, Tensor&> geqrf_out(const Tensor& self, Tensor& factors, Tensor& tau) {
  auto [new_factors, new_tau] = new_qr(self);
  return {store_out(new_factors, factors, Stored::kCast), store_out(new_tau, tau, Stored::kCast)};
}

void qr(Results out, const Tensor& self, std::string_view mode) {
  auto [wants_q, reduced] = at::native::_parse_qr_mode(mode);
  auto [factors, tau] = new_qr(self);
  if (wants_q) {
    record_reflections(factors, tau, false, identity(out[0].sizes(), self.options()), out[0]);
  }
  out[1].copy_(factors.narrow(-2, 0, out[1].size(-2)).triu());
}

void check_reflectors(const Tensor& input, const Tensor& tau, const char* name) {
  require_device(tau, input.device(), "tau");
  TORCH_CHECK(input.dim() - tau.dim() == 1, name,
              ": Expected tau to have one dimension less than input, but got tau.ndim equal to ", tau.dim(),
              " and input.ndim is equal to ", input.dim());
  auto expected = input.sizes().slice(0, input.dim() - 2), batch = tau.sizes().slice(0, tau.dim() - 1);
  TORCH_CHECK(batch.equals(expected), name,
              ": Expected batch dimensions of tau to be equal to input.shape[:-2], but got ", batch);
  TORCH_CHECK(tau.scalar_type() == input.scalar_type(), name, ": tau dtype ", tau.scalar_type(),
              " does not match input dtype ", input.scalar_type());
}

Tensor householder_product(const Tensor& input, const Tensor& tau) {
  constexpr const char* kName = "torch.linalg.householder_product";
  TORCH_CHECK(input.dim() >= 2, kName, ": input must have at least 2 dimensions.");
  TORCH_CHECK(input.size(-2) >= input.size(-1), kName,
              ": input.shape[-2] must be greater than or equal to input.shape[-1]");
  TORCH_CHECK(input.size(-1) >= tau.size(-1), kName,
              ": input.shape[-1] must be greater than or equal to tau.shape[-1]");
  check_reflectors(input, tau, kName);
  require_full_precision("orgqr", input);
  auto strides = at::native::batched_matrix_contiguous_strides(input.sizes(), true);
  Tensor product = empty_strided(input.sizes(), strides, input.scalar_type(), input.device().index());
  record_reflections(input, tau, false, identity(input.sizes(), input.options()), product);
  return product;
}
Tensor& householder_product_out(const Tensor& input, const Tensor& tau, Tensor& out) {
  return store_out(householder_product(input, tau), out, Stored::kCast);
}

Tensor ormqr(const Tensor& input, const Tensor& tau, const Tensor& other, bool left, bool transpose) {
  constexpr const char* kName = "torch.ormqr";
  TORCH_CHECK(input.dim() >= 2, kName, ": input must have at least 2 dimensions.");
  TORCH_CHECK(other.dim() >= 2, kName, ": other must have at least 2 dimensions.");
  int64_t side = left ? -2 : -1;
  TORCH_CHECK(other.size(side) == input.size(-2), kName, ": other.shape[", side, "] must be equal to input.shape[-2]");
  TORCH_CHECK(other.size(side) >= tau.size(-1), kName, ": other.shape[", side,
              "] must be greater than or equal to tau.shape[-1]");
  TORCH_CHECK(tau.size(-1) <= input.size(-1), kName, ": tau.shape[-1] must be less than or equal to input.shape[-1]");
  check_reflectors(input, tau, kName);
  auto expected = input.sizes().slice(0, input.dim() - 2), batch = other.sizes().slice(0, other.dim() - 2);
  TORCH_CHECK(batch.equals(expected), kName,
              ": Expected batch dimensions of other to be equal to input.shape[:-2], but got ", batch);
  TORCH_CHECK(other.scalar_type() == input.scalar_type(), kName,
              ": Expected input and other to have the same dtype, "
              "but input has dtype ",
              input.scalar_type(), " and other has dtype ", other.scalar_type());
  require_device(other, input.device(), "other");
  require_full_precision("ormqr", input);
  Tensor result = empty(other.sizes(), other.scalar_type(), other.device().index());
  if (left)
    record_reflections(input, tau, transpose, other, result);
  else
    record_reflections(input, tau, !transpose, other.mT(), result.mT());
  return result;
}
Tensor& ormqr_out(const Tensor& input, const Tensor& tau, const Tensor& other, bool left, bool transpose, Tensor& out) {
  return store_out(torch::ormqr(input, tau, other, left, transpose), out);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&new_qr>(m, "geqrf");
  implement<&geqrf_out>(m, "geqrf.a");
  implement_structured<at::meta::structured_linalg_qr, 2, &qr>(m, "linalg_qr", "linalg_qr.out");
  implement<&householder_product>(m, "linalg_householder_product");
  implement<&householder_product_out>(m, "linalg_householder_product.out");
  implement<&lineshaft::torch::ormqr>(m, "ormqr");
  implement<&ormqr_out>(m, "ormqr.out");
}

}  // namespace lineshaft::torch

// Cholesky and LU factorizations, triangular systems, and what follows from them: solve, inv, det, slogdet.
#include <ATen/ops/_linalg_det.h>
#include <ATen/ops/_linalg_det_meta.h>
#include <ATen/ops/_linalg_slogdet_meta.h>
#include <ATen/ops/_linalg_solve_ex.h>
#include <ATen/ops/_linalg_solve_ex_meta.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/linalg_cholesky_ex_meta.h>
#include <ATen/ops/linalg_inv_ex_meta.h>
#include <ATen/ops/linalg_lu_factor_ex_meta.h>
#include <ATen/ops/linalg_lu_meta.h>
#include <ATen/ops/linalg_lu_solve_meta.h>
#include <ATen/ops/lu_unpack_meta.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/triangular_solve_meta.h>

#include "csrc/core/structured.h"
#include "csrc/ops/matrices.h"

namespace lineshaft::torch {
namespace {

using at::Tensor;

// --- Cholesky

void factor_cholesky(const Tensor& self, bool upper, const Tensor& factor, const Tensor& info) {
  require_full_precision("cholesky", self);
  if (self.numel() == 0) {
    info.zero_();
    return;
  }
  JoinedResult l(factor), infos(info, 0);
  Tensor input = join_batch(apart_from(self, factor)), output = l.batch();
  Cholesky op;
  op.input = view_of(upper ? input.mT() : input);
  op.output = view_of(upper ? output.mT() : output);
  op.info = view_of(infos.batch());
  stream_of(self).record(op);
  l.finish();
  infos.finish();
}

void cholesky_ex(Results out, const Tensor& self, bool upper, bool check_errors) {
  factor_cholesky(self, upper, out[0], out[1]);
  if (check_errors) check_info(out[1], "linalg.cholesky_ex", self.dim() == 2);
}

Tensor column_major(c10::IntArrayRef sizes, const Tensor& like) {
  auto strides = at::native::batched_matrix_contiguous_strides(sizes, true);
  return empty_strided(sizes, strides, like.scalar_type(), like.device().index());
}

Tensor cholesky(const Tensor& self, bool upper) {
  TORCH_WARN_ONCE(
      "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a future PyTorch "
      "release.\nL = torch.cholesky(A)\nshould be replaced with\nL = torch.linalg.cholesky(A)\nand\nU = "
      "torch.cholesky(A, "
      "upper=True)\nshould be replaced with\nU = torch.linalg.cholesky(A).mH");
  at::native::squareCheckInputs(self, "cholesky");
  Tensor factor = column_major(self.sizes(), self);
  Tensor info = empty(self.sizes().slice(0, self.dim() - 2), c10::kInt, self.device().index());
  factor_cholesky(self, upper, factor, info);
  check_info(info, "cholesky", self.dim() == 2);
  return factor;
}
Tensor& cholesky_out(const Tensor& self, bool upper, Tensor& out) {
  return store_out(torch::cholesky(self, upper), out, Stored::kCast);
}

// The x of L L^T x = b, or of U^T U x = b.
Tensor cholesky_solve_helper(const Tensor& b, const Tensor& factor, bool upper) {
  require_full_precision("cholesky_solve", b);
  Tensor x = column_major(b.sizes(), b);
  record_solve_triangular(upper ? factor.mT() : factor, b, false, true, false, x);
  record_solve_triangular(upper ? factor : factor.mT(), x, true, true, false, x);
  return x;
}

Tensor cholesky_inverse(const Tensor& self, bool upper) {
  at::native::squareCheckInputs(self, "cholesky_inverse");
  require_full_precision("cholesky_inverse", self);
  return cholesky_solve_helper(identity(self.sizes(), self.options()), self, upper);
}
Tensor& cholesky_inverse_out(const Tensor& self, bool upper, Tensor& out) {
  return store_out(torch::cholesky_inverse(self, upper), out, Stored::kCast);
}

// --- triangular systems

std::tuple<Tensor, Tensor> with_one_batch(const Tensor& a, const Tensor& b) {
  auto [b_sizes, a_sizes] = at::native::_linalg_broadcast_batch_dims(b, a);
  return {a.expand(a_sizes), b.expand(b_sizes)};
}

Tensor& linalg_solve_triangular_out(const Tensor& a, const Tensor& b, bool upper, bool left, bool unit, Tensor& out) {
  at::native::checkInputsSolver(a, b, left, "linalg.solve_triangular");
  TORCH_CHECK(a.scalar_type() == b.scalar_type(),
              "linalg.solve_triangular: Expected A and B to have the same dtype, but found A of type ", a.scalar_type(),
              " and B of type ", b.scalar_type(), " instead");
  require_full_precision("triangular_solve", a);
  require_device(b, a.device(), "B");
  auto [matrix, right] = with_one_batch(a, b);
  resize_out(out, right.sizes(), right.scalar_type());
  record_solve_triangular(matrix, right, upper, left, unit, out);
  return out;
}
Tensor linalg_solve_triangular(const Tensor& a, const Tensor& b, bool upper, bool left, bool unit) {
  at::native::checkInputsSolver(a, b, left, "linalg.solve_triangular");
  Tensor out = column_major(std::get<0>(at::native::_linalg_broadcast_batch_dims(b, a)), b);
  return linalg_solve_triangular_out(a, b, upper, left, unit, out);
}

void triangular_solve(Results out, const Tensor& b, const Tensor& a, bool upper, bool transpose, bool unit) {
  require_full_precision("triangular_solve", a);
  auto [matrix, right] = with_one_batch(a, b);
  record_solve_triangular(transpose ? matrix.mT() : matrix, right, upper != transpose, true, unit, out[0]);
  out[1].copy_(matrix);
}

// --- LU

void factor_lu(const Tensor& self, bool pivot, const Tensor& lu, const Tensor& pivots, const Tensor& info) {
  require_full_precision("lu", self);
  if (self.numel() == 0) {
    info.zero_();
    return;
  }
  JoinedResult factors(lu), infos(info, 0);
  Tensor input = join_batch(apart_from(self, lu));
  Tensor rows = empty(pivots.sizes(), c10::kInt, self.device().index());  // counted from 0
  Lu op{.pivot = pivot, .input = view_of(input), .output = view_of(factors.batch())};
  op.pivots = view_of(join_vectors(rows));
  op.info = view_of(infos.batch());
  stream_of(self).record(op);
  factors.finish();
  infos.finish();
  pivots.copy_(rows.add(1));
}

void lu_factor_ex(Results out, const Tensor& self, bool pivot, bool check_errors) {
  factor_lu(self, pivot, out[0], out[1], out[2]);
  if (check_errors) check_info(out[2], "torch.linalg.lu_factor_ex", self.dim() == 2);
}

// For pivots of factorizations with `rows` rows, the order of rows that they give: row i of P^T A is row result[i].
Tensor rows_of(const Tensor& pivots, int64_t rows) {
  auto sizes = pivots.sizes().vec();
  sizes.back() = rows;
  Tensor result = empty(sizes, c10::kLong, pivots.device().index());
  if (result.numel() == 0) return result;
  if (pivots.numel() == 0) return at::arange(rows, result.options()).expand(sizes);
  JoinedResult order(result, 1);
  Tensor counted = join_vectors(pivots.sub(1));
  UnpackPivots op{.pivots = view_of(counted), .rows = view_of(order.batch())};
  stream_of(pivots).record(op);
  order.finish();
  return result;
}

// P in A = P L U.
void fill_permutation(const Tensor& pivots, const Tensor& p) {
  p.zero_();
  if (p.numel() == 0) return;
  auto batch = p.sizes().slice(0, p.dim() - 2).vec();
  batch.push_back(p.size(-1));
  p.scatter_(-2, rows_of(pivots, p.size(-1)).expand(batch).unsqueeze(-2), 1);
}

void fill_factors(const Tensor& lu, const Tensor& l, const Tensor& u) {
  int64_t size = std::min(lu.size(-2), lu.size(-1));
  Tensor lower = lu.narrow(-1, 0, size).tril(-1), upper = lu.narrow(-2, 0, size).triu();
  l.copy_(lower);
  l.diagonal(0, -2, -1).fill_(1);
  u.copy_(upper);
}

void lu_unpack(Results out, const Tensor& lu, const Tensor& pivots, bool unpack_data, bool unpack_pivots) {
  if (unpack_data) fill_factors(lu, out[1], out[2]);
  if (!unpack_pivots) return;
  int64_t steps = std::min(lu.size(-2), lu.size(-1));
  TORCH_CHECK(pivots.size(-1) >= steps, "torch.lu_unpack: LU_pivots has ", pivots.size(-1),
              " pivots of each matrix, of ", lu.size(-2), " rows and ", lu.size(-1), " columns; it must have ", steps);
  fill_permutation(pivots.narrow(-1, 0, steps), out[0]);
}

void linalg_lu(Results out, const Tensor& self, bool pivot) {
  auto sizes = self.sizes().slice(0, self.dim() - 2).vec();
  Tensor info = empty(sizes, c10::kInt, self.device().index());
  sizes.push_back(std::min(self.size(-2), self.size(-1)));
  Tensor lu = column_major(self.sizes(), self), pivots = empty(sizes, c10::kInt, self.device().index());
  factor_lu(self, pivot, lu, pivots, info);
  fill_factors(lu, out[1], out[2]);
  if (pivot) fill_permutation(pivots, out[0]);
}

// The x of A x = b for A = P L U, or of A^T x = b.
Tensor solve_factored(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool transpose) {
  Tensor rows = rows_of(pivots, lu.size(-2)).unsqueeze(-1).expand(b.sizes());
  if (!transpose) {
    Tensor x = b.gather(-2, rows);
    record_solve_triangular(lu, x, false, true, true, x);
    record_solve_triangular(lu, x, true, true, false, x);
    return x;
  }
  Tensor x = torch::empty_like(b), result = torch::empty_like(b);
  record_solve_triangular(lu.mT(), b, false, true, false, x);
  record_solve_triangular(lu.mT(), x, true, true, true, x);
  return result.scatter_(-2, rows, x);
}

void solve_lu(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left, bool transpose, const Tensor& out) {
  require_full_precision("linalg.lu_solve", lu);
  if (out.numel() == 0) return;
  auto [factors, right] = with_one_batch(lu, b);
  auto sizes = factors.sizes().slice(0, factors.dim() - 1);
  Tensor expanded = pivots.expand(sizes);
  out.copy_(left ? solve_factored(factors, expanded, right, transpose)
                 : solve_factored(factors, expanded, right.mT(), !transpose).mT());
}

void lu_solve(Results out, const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left, bool adjoint) {
  solve_lu(lu, pivots, b, left, adjoint, out[0]);
}

// Of a row-major matrix some operators of PyTorch factor the transpose, and their derivatives count on that. Which they
// are differs between versions: the CPU's own tell.
// `factors` gives what the operator makes of a matrix.
bool factors_transpose(Tensor (*factors)(const Tensor&)) {
  return factors(at::tensor({1.0, 2.0, 0.0, 1.0}).view({2, 2}))[0][0].item<double>() == 2;
}
bool solve_factors_transpose(const Tensor& self) {
  static const bool does = factors_transpose([](const Tensor& a) { return std::get<1>(at::_linalg_solve_ex(a, a)); });
  return does && self.is_contiguous();
}
bool determinant_factors_transpose(const Tensor& self) {
  static const bool does = factors_transpose([](const Tensor& a) { return std::get<1>(at::_linalg_det(a)); });
  return does && self.is_contiguous();
}

void solve_ex(Results out, const Tensor& self, const Tensor& b, bool left, bool check_errors) {
  bool transpose = solve_factors_transpose(self), vectors = at::native::linalg_solve_is_vector_rhs(self, b);
  factor_lu(transpose ? self.mT() : self, true, out[1], out[2], out[3]);
  if (check_errors) check_info(out[3], "torch.linalg.solve_ex", self.dim() == 2);
  solve_lu(out[1], out[2], vectors ? b.unsqueeze(-1) : b, left, transpose, vectors ? out[0].unsqueeze(-1) : out[0]);
}

void inv_ex(Results out, const Tensor& self, bool check_errors) {
  require_full_precision("lu", self);
  auto sizes = self.sizes().slice(0, self.dim() - 1);
  Tensor lu = column_major(self.sizes(), self), pivots = empty(sizes, c10::kInt, self.device().index());
  factor_lu(self, true, lu, pivots, out[1]);
  solve_lu(lu, pivots, identity(self.sizes(), self.options()), true, false, out[0]);
  if (check_errors) check_info(out[1], "linalg.inv_ex", self.dim() == 2);
}

// The determinant of P: -1 for an odd number of interchanges.
Tensor sign_of(const Tensor& pivots) {
  Tensor rows = at::arange(1, pivots.size(-1) + 1, pivots.options());
  return rows.ne(pivots).sum({-1}, false, c10::kLong).fmod_(2).mul_(-2).add_(1);
}

Tensor factor_for_determinant(const Tensor& self, const Tensor& lu, const Tensor& pivots) {
  Tensor info = empty(pivots.sizes().slice(0, pivots.dim() - 1), c10::kInt, self.device().index());
  factor_lu(determinant_factors_transpose(self) ? self.mT() : self, true, lu, pivots, info);
  return lu.diagonal(0, -2, -1);
}

void det(Results out, const Tensor& self) {
  Tensor diagonal = factor_for_determinant(self, out[1], out[2]);
  out[0].copy_(diagonal.prod(-1).mul_(sign_of(out[2])));
}

void slogdet(Results out, const Tensor& self) {
  Tensor diagonal = factor_for_determinant(self, out[2], out[3]);
  out[0].copy_(diagonal.sgn().prod(-1).mul_(sign_of(out[3])));
  out[1].copy_(diagonal.abs().log_().sum({-1}));
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement_structured<at::meta::structured_linalg_cholesky_ex, 2, &cholesky_ex>(m, "linalg_cholesky_ex",
                                                                                 "linalg_cholesky_ex.L");
  implement<&lineshaft::torch::cholesky>(m, "cholesky");
  implement<&cholesky_out>(m, "cholesky.out");
  implement<&cholesky_solve_helper>(m, "_cholesky_solve_helper");
  implement<&lineshaft::torch::cholesky_inverse>(m, "cholesky_inverse");
  implement<&cholesky_inverse_out>(m, "cholesky_inverse.out");
  implement<&linalg_solve_triangular>(m, "linalg_solve_triangular");
  implement<&linalg_solve_triangular_out>(m, "linalg_solve_triangular.out");
  implement_structured<at::meta::structured_triangular_solve, 2, &triangular_solve>(m, "triangular_solve",
                                                                                    "triangular_solve.X");
  implement_structured<at::meta::structured_linalg_lu_factor_ex, 3, &lu_factor_ex>(m, "linalg_lu_factor_ex",
                                                                                   "linalg_lu_factor_ex.out");
  implement_structured<at::meta::structured_lu_unpack, 3, &lu_unpack>(m, "lu_unpack", "lu_unpack.out");
  implement_structured<at::meta::structured_linalg_lu, 3, &linalg_lu>(m, "linalg_lu", "linalg_lu.out");
  implement_structured<at::meta::structured_linalg_lu_solve, 1, &lu_solve>(m, "linalg_lu_solve", "linalg_lu_solve.out");
  implement_structured<at::meta::structured__linalg_solve_ex, 4, &solve_ex>(m, "_linalg_solve_ex",
                                                                            "_linalg_solve_ex.result");
  implement_structured<at::meta::structured_linalg_inv_ex, 2, &inv_ex>(m, "linalg_inv_ex", "linalg_inv_ex.inverse");
  implement_structured<at::meta::structured__linalg_det, 3, &det>(m, "_linalg_det", "_linalg_det.result");
  implement_structured<at::meta::structured__linalg_slogdet, 4, &slogdet>(m, "_linalg_slogdet", "_linalg_slogdet.sign");
}

}  // namespace lineshaft::torch

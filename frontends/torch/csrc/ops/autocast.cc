// Autocast: PyTorch's lists of operators that run in the lower precision, in float32, or in the widest type of their
// arguments.
#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>

// PyTorch has no cholesky from 2.14 on, and no qr from 2.15 on.
#if __has_include(<ATen/ops/cholesky.h>)
#define LINESHAFT_CHOLESKY(_) _(cholesky)
#else
#define LINESHAFT_CHOLESKY(_)
#endif
#if __has_include(<ATen/ops/qr.h>)
#define LINESHAFT_QR(_) _(qr)
#else
#define LINESHAFT_QR(_)
#endif

// What factors matrices, or is composed of factors, has no kernels in half precision: in float32, as in PyTorch's list
// for the CPU.
#define LINESHAFT_FORALL_FACTORS(_) \
  LINESHAFT_CHOLESKY(_)             \
  _(cholesky_inverse)               \
  _(cholesky_solve)                 \
  _(geqrf)                          \
  _(inverse)                        \
  _(linalg_cholesky)                \
  _(linalg_cholesky_ex)             \
  _(linalg_det)                     \
  _(linalg_householder_product)     \
  _(linalg_inv)                     \
  _(linalg_inv_ex)                  \
  _(linalg_lu)                      \
  _(linalg_lu_factor)               \
  _(linalg_lu_factor_ex)            \
  _(linalg_lu_solve)                \
  _(linalg_qr)                      \
  _(linalg_slogdet)                 \
  _(linalg_solve)                   \
  _(linalg_solve_triangular)        \
  _(logdet)                         \
  _(lu_solve)                       \
  _(orgqr)                          \
  _(ormqr)                          \
  LINESHAFT_QR(_)                   \
  _(slogdet)                        \
  _(triangular_solve)

namespace {

// As CUDA's autocast: half precision loses the probabilities near 0 and 1 that its logarithms need.
at::Tensor refuse_binary_cross_entropy(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                                       int64_t) {
  TORCH_CHECK(false,
              "torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast. Leave out the "
              "sigmoid before them and use torch.nn.functional.binary_cross_entropy_with_logits or "
              "torch.nn.BCEWithLogitsLoss, which are safe; or compute the loss outside of autocast");
}

}  // namespace

TORCH_LIBRARY_IMPL(_, AutocastPrivateUse1, m) {
  m.fallback(::torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, AutocastPrivateUse1, m) {
  // The lists below name types and functions as PyTorch's own namespaces do.
  using namespace at;            // NOLINT
  using namespace at::autocast;  // NOLINT
  using std::optional;
#define LOWER(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, lower_precision_fp)
  AT_FORALL_LOWER_PRECISION_FP(LOWER)
#define WIDE(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, fp32)
  AT_FORALL_FP32(WIDE)
  LINESHAFT_FORALL_FACTORS(WIDE)
#define WIDE_OUTPUT(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, fp32_set_opt_dtype)
  AT_FORALL_FP32_SET_OPT_DTYPE(WIDE_OUTPUT)
  AT_FORALL_DIFFERENT_REDISPATCH_SIGNATURE(KERNEL_DIFFERENT_REDISPATCH_SIGNATURE_PRIVATEUSEONE)
#define PROMOTE(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, promote)
  AT_FORALL_PROMOTE(PROMOTE)
  PROMOTE(index_copy)  // which only the CPU's list has
  m.impl("binary_cross_entropy", &refuse_binary_cross_entropy);
}

#undef LOWER
#undef WIDE
#undef WIDE_OUTPUT
#undef PROMOTE
#undef LINESHAFT_FORALL_FACTORS
#undef LINESHAFT_CHOLESKY
#undef LINESHAFT_QR

// Connectionist temporal classification (Graves et al., 2006): the forward and backward variables of all samples, one
// time step after another, composed of other operators.
#include <ATen/ATen.h>

#include "csrc/core/kernel.h"

namespace lineshaft::torch {
namespace {

using T = const at::Tensor&;
using Ints = c10::IntArrayRef;

constexpr double kNever = -std::numeric_limits<double>::infinity();

at::Tensor host_longs(Ints values) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong));
}

// Each sample's labels lie within `targets`. Returns the largest length.
int64_t check_targets(T targets, Ints lengths) {
  TORCH_CHECK(targets.dim() == 1 || targets.dim() == 2, "Expected 1 to 2 dimensions, but got ", targets.dim(),
              "-dimensional tensor for argument #2 'targets'");
  bool joined = targets.dim() == 1;
  int64_t width = targets.size(-1), longest = 0, sum = 0;
  for (int64_t length : lengths) {
    TORCH_CHECK(length >= 0, "Expected target_lengths to have value at least 0, but got value ", length);
    TORCH_CHECK(length <= width, "Expected tensor to have size at least ", length, " at dimension ", targets.dim() - 1,
                ", but got size ", width, " for argument #2 'targets'");
    longest = std::max(longest, length);
    sum += length;
    TORCH_CHECK(!joined || sum <= width, "Expected tensor to have size ", sum, " or more at dimension 0, but got size ",
                width, " for argument #2 'targets'");
  }
  auto samples = static_cast<int64_t>(lengths.size());
  int64_t rows = joined ? sum : samples;
  TORCH_CHECK(targets.size(0) == rows, "Expected tensor to have size ", rows, " at dimension 0, but got size ",
              targets.size(0), " for argument #2 'targets'");
  return longest;
}

// The labels with blanks around each, and what follows from them. Positions past a sample's own stay unreached.
struct Lattice {
  at::Tensor labels;      // [N, L]
  at::Tensor emissions;   // [T, N, L]: log probability of each position's label
  at::Tensor skips;       // [N, L]: the position may be entered from two before
  at::Tensor ends;        // [N, L]: a path may end here
  at::Tensor last_steps;  // [N, 1]

  Lattice(T log_probs, T targets, Ints input_lengths, Ints target_lengths, int64_t blank) {
    int64_t steps = log_probs.size(0), batch = log_probs.size(1);
    TORCH_CHECK(
        static_cast<int64_t>(input_lengths.size()) == batch && static_cast<int64_t>(target_lengths.size()) == batch,
        "input_lengths and target_lengths must be of size batch_size");
    TORCH_CHECK(blank >= 0 && blank < log_probs.size(2), "blank must be in label range");
    int64_t longest = check_targets(targets, target_lengths), first = 0;
    for (int64_t length : input_lengths)
      TORCH_CHECK(length > 0 && length <= steps, "Expected input_lengths to have value between 1 and ", steps,
                  ", but got value ", length);
    int64_t width = 2 * longest + 1;
    auto where = at::zeros({batch, width}, at::kLong);  // in the flat targets
    auto is_label = at::zeros({batch, width}, at::kBool), is_end = at::zeros({batch, width}, at::kBool);
    for (int64_t n = 0; n < batch; ++n) {
      int64_t begin = targets.dim() == 1 ? first : n * targets.size(1), length = target_lengths[n];
      for (int64_t i = 0; i < length; ++i) {
        where.data_ptr<int64_t>()[n * width + 2 * i + 1] = begin + i;
        is_label.data_ptr<bool>()[n * width + 2 * i + 1] = true;
      }
      is_end.data_ptr<bool>()[n * width + 2 * length] = true;
      if (length > 0) is_end.data_ptr<bool>()[n * width + 2 * length - 1] = true;
      first += length;
    }
    auto device = log_probs.device();
    ends = is_end.to(device);
    last_steps = (host_longs(input_lengths) - 1).unsqueeze(1).to(device);
    labels = at::full({batch, width}, blank, targets.options().dtype(at::kLong).device(device));
    if (longest > 0) {
      at::Tensor chosen =
          targets.to(at::kLong).reshape({-1}).index_select(0, where.to(device).reshape({-1})).view({batch, width});
      labels = at::where(is_label.to(device), chosen, labels);
    }
    emissions = log_probs.gather(2, labels.unsqueeze(0).expand({steps, batch, width}));
    at::Tensor differs = labels.narrow(1, std::min<int64_t>(2, width), std::max<int64_t>(width - 2, 0))
                             .ne(labels.narrow(1, 0, std::max<int64_t>(width - 2, 0)));
    skips = at::constant_pad_nd(differs, {std::min<int64_t>(2, width), 0}, 0).logical_and(labels.ne(blank));
  }

  // The sum over the ways into each position from `state`, or (reversed) out of it.
  at::Tensor spread(T state, bool reversed) const {
    int64_t width = state.size(1);
    auto shifted = [&](T from, int64_t by) {
      int64_t kept = std::max<int64_t>(width - by, 0);
      return reversed ? at::constant_pad_nd(from.narrow(1, width - kept, kept), {0, width - kept}, kNever)
                      : at::constant_pad_nd(from.narrow(1, 0, kept), {width - kept, 0}, kNever);
    };
    at::Tensor sum = at::logaddexp(state, shifted(state, 1));
    at::Tensor far = reversed ? shifted(state.masked_fill(skips.logical_not(), kNever), 2)
                              : shifted(state, 2).masked_fill(skips.logical_not(), kNever);
    return at::logaddexp(sum, far);
  }
};

std::tuple<at::Tensor, at::Tensor> ctc_loss(T log_probs, T targets, Ints input_lengths, Ints target_lengths,
                                            int64_t blank, bool /*zero_infinity*/) {
  Lattice lattice(log_probs, targets, input_lengths, target_lengths, blank);
  int64_t steps = log_probs.size(0), width = lattice.labels.size(1);
  std::vector<at::Tensor> alphas{at::full(lattice.labels.sizes(), kNever, log_probs.options())};
  int64_t starts = std::min<int64_t>(2, width);
  alphas[0].narrow(1, 0, starts).copy_(lattice.emissions[0].narrow(1, 0, starts));
  for (int64_t t = 1; t < steps; ++t) alphas.push_back(lattice.spread(alphas.back(), false) + lattice.emissions[t]);
  at::Tensor log_alpha = at::stack(alphas, 1);  // [N, T, L]
  at::Tensor last = log_alpha.gather(1, lattice.last_steps.unsqueeze(2).expand({-1, 1, width})).squeeze(1);
  at::Tensor loss = at::logsumexp(last.masked_fill(lattice.ends.logical_not(), kNever), {1}).neg();
  return {loss, log_alpha};
}

at::Tensor ctc_loss_backward(T grad, T log_probs, T targets, Ints input_lengths, Ints target_lengths, T loss,
                             T log_alpha, int64_t blank, bool zero_infinity) {
  Lattice lattice(log_probs, targets, input_lengths, target_lengths, blank);
  int64_t steps = log_probs.size(0);
  at::Tensor beta = at::full(lattice.labels.sizes(), kNever, log_probs.options());
  at::Tensor result = at::empty_like(log_probs, at::MemoryFormat::Contiguous);
  at::Tensor scale = grad.reshape({-1, 1});
  for (int64_t t = steps - 1; t >= 0; --t) {
    at::Tensor emitted = lattice.emissions[t];
    at::Tensor entered = emitted.masked_fill(lattice.ends.logical_not(), kNever);
    at::Tensor on = lattice.spread(beta, true) + emitted;
    beta = at::where(lattice.last_steps.eq(t), entered, on.masked_fill(lattice.last_steps.lt(t), kNever));
    // The share of all paths that is at each position now.
    at::Tensor share = (log_alpha.select(1, t) + beta - emitted + loss.unsqueeze(1)).exp();
    share = share.masked_fill(beta.eq(kNever), 0);
    at::Tensor slope = log_probs[t].exp().scatter_add(1, lattice.labels, share.neg()) * scale;
    slope = slope.masked_fill(lattice.last_steps.lt(t), 0);
    if (zero_infinity) slope = slope.masked_fill(loss.isinf().unsqueeze(1), 0);
    result.select(0, t).copy_(slope);
  }
  return result;
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&ctc_loss>(m, "_ctc_loss");
  implement<&ctc_loss_backward>(m, "_ctc_loss_backward");
}

}  // namespace
}  // namespace lineshaft::torch

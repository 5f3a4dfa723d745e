#include "csrc/core/check.h"

namespace lineshaft::torch {

void require_all(const at::Tensor& holds, Requirement requirement) {
  bool direct = holds.dim() > 0 && holds.dim() <= kMaxRank;
  at::Tensor flat = direct ? holds : holds.reshape({-1});
  at::Tensor all = empty({}, at::kBool, holds.device().index());
  frontend::record_requirement(stream_of(all), requirement, view_of(flat), view_of(all));
}

}  // namespace lineshaft::torch

// The fused cells of LSTM and GRU and their gradients: one program each, over the gates' slices.
#include <ATen/ops/sum.h>

#include "csrc/core/kernel.h"
#include "csrc/core/map.h"
#include <lineshaft/frontend/formulas/recurrent.h>

namespace lineshaft::torch {

namespace formulas = frontend::formulas;

namespace {

using Gates = c10::SmallVector<at::Tensor, 5>;

Gates slices(const at::Tensor& gates, int64_t count) {
  int64_t size = gates.size(-1) / count;
  Gates result;
  for (int64_t i = 0; i < count; ++i) result.push_back(gates.narrow(-1, i * size, size));
  return result;
}

// Records a program whose inputs and outputs are lists of tensors.
class CellMap {
 public:
  CellMap& input(const at::Tensor& tensor) {
    inputs_.push_back(&tensor);
    return *this;
  }
  CellMap& inputs(const Gates& gates) {
    for (const at::Tensor& gate : gates) inputs_.push_back(&gate);
    return *this;
  }
  CellMap& output(const at::Tensor& tensor) {
    outputs_.push_back(&tensor);
    return *this;
  }
  CellMap& outputs(const Gates& gates) {
    for (const at::Tensor& gate : gates) outputs_.push_back(&gate);
    return *this;
  }
  void record(ProgramRef program) { record_map(program, outputs_, inputs_); }

 private:
  c10::SmallVector<const at::Tensor*, 24> inputs_, outputs_;
};

bool fits(ProgramRef program, const at::Tensor& tensor) {
  return views_fit(*program, properties(tensor.device().index()).fusion);
}

at::Tensor wide(const at::Tensor& like, int64_t factor) {
  return empty({like.size(0), like.size(1) * factor}, like.scalar_type(), like.device().index());
}

void check_gates(const at::Tensor& input_gates, const at::Tensor& hidden_gates, const at::Tensor& state,
                 int64_t count) {
  TORCH_CHECK(input_gates.dim() == 2 && input_gates.sizes() == hidden_gates.sizes(),
              "the gates of a cell must have one shape; got ", input_gates.sizes(), " and ", hidden_gates.sizes());
  TORCH_CHECK(state.dim() == 2 && state.size(0) == input_gates.size(0) && state.size(1) * count == input_gates.size(1),
              "the state of a cell must have sizes [", input_gates.size(0), ", ", input_gates.size(1) / count,
              "]; got ", state.sizes());
  TORCH_CHECK(
      input_gates.scalar_type() == hidden_gates.scalar_type() && state.scalar_type() == input_gates.scalar_type(),
      "the gates and the state of a cell must have one dtype");
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> lstm_cell(const at::Tensor& input_gates, const at::Tensor& hidden_gates,
                                                         const at::Tensor& cx, const OptionalTensor& input_bias,
                                                         const OptionalTensor& hidden_bias) {
  check_gates(input_gates, hidden_gates, cx, 4);
  TORCH_CHECK(present(input_bias) == present(hidden_bias), "a cell has both biases or none");
  at::Tensor hy = empty(cx.sizes(), cx.scalar_type(), cx.device().index()), cy = torch::empty_like(hy),
             workspace = wide(cx, 4);
  bool biased = present(input_bias);
  at::Tensor input = input_gates;
  if (biased && !fits(formulas::lstm_cell_program(dtype_of(cx.scalar_type()), true), cx)) {
    input = input_gates.add(*input_bias).add(*hidden_bias);
    biased = false;
  }
  Gates in = slices(input, 4), hidden = slices(hidden_gates, 4), out = slices(workspace, 4);
  Gates first, second;
  CellMap map;
  map.inputs(in).inputs(hidden);
  if (biased) {
    first = slices(*input_bias, 4);
    second = slices(*hidden_bias, 4);
    map.inputs(first).inputs(second);
  }
  map.input(cx).output(hy).output(cy).outputs(out).record(
      formulas::lstm_cell_program(dtype_of(cx.scalar_type()), biased));
  return {hy, cy, workspace};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> lstm_cell_backward(const OptionalTensor& grad_hy,
                                                                  const OptionalTensor& grad_cy, const at::Tensor& cx,
                                                                  const at::Tensor& cy, const at::Tensor& workspace,
                                                                  bool has_bias) {
  if (!present(grad_hy) && !present(grad_cy)) return {};
  at::Tensor grad_gates = wide(cx, 4), grad_cx = empty(cx.sizes(), cx.scalar_type(), cx.device().index());
  Gates gates = slices(workspace, 4), out = slices(grad_gates, 4);
  CellMap map;
  map.inputs(gates).input(cx).input(cy);
  if (present(grad_hy)) map.input(*grad_hy);
  if (present(grad_cy)) map.input(*grad_cy);
  map.outputs(out).output(grad_cx).record(
      formulas::lstm_cell_grad_program(dtype_of(cx.scalar_type()), present(grad_hy), present(grad_cy)));
  return {grad_gates, grad_cx, has_bias ? at::sum(grad_gates, 0) : at::Tensor()};
}

std::tuple<at::Tensor, at::Tensor> gru_cell(const at::Tensor& input_gates, const at::Tensor& hidden_gates,
                                            const at::Tensor& hx, const OptionalTensor& input_bias,
                                            const OptionalTensor& hidden_bias) {
  check_gates(input_gates, hidden_gates, hx, 3);
  TORCH_CHECK(present(input_bias) == present(hidden_bias), "a cell has both biases or none");
  at::Tensor hy = empty(hx.sizes(), hx.scalar_type(), hx.device().index()), workspace = wide(hx, 5);
  bool biased = present(input_bias);
  at::Tensor input = input_gates, hidden = hidden_gates;
  if (biased && !fits(formulas::gru_cell_program(dtype_of(hx.scalar_type()), true), hx)) {
    input = input_gates.add(*input_bias);
    hidden = hidden_gates.add(*hidden_bias);
    biased = false;
  }
  Gates in = slices(input, 3), state = slices(hidden, 3), out = slices(workspace, 5);
  Gates first, second;
  CellMap map;
  map.inputs(in).inputs(state);
  if (biased) {
    first = slices(*input_bias, 3);
    second = slices(*hidden_bias, 3);
    map.inputs(first).inputs(second);
  }
  map.input(hx).output(hy).outputs(out).record(formulas::gru_cell_program(dtype_of(hx.scalar_type()), biased));
  return {hy, workspace};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor> gru_cell_backward(const at::Tensor& grad_hy,
                                                                                         const at::Tensor& workspace,
                                                                                         bool has_bias) {
  at::Tensor grad_input = wide(grad_hy, 3), grad_hidden = wide(grad_hy, 3);
  at::Tensor grad_hx = empty(grad_hy.sizes(), grad_hy.scalar_type(), grad_hy.device().index());
  Gates saved = slices(workspace, 5), first = slices(grad_input, 3), second = slices(grad_hidden, 3);
  CellMap map;
  map.input(grad_hy).inputs(saved).outputs(first).outputs(second).output(grad_hx);
  map.record(formulas::gru_cell_grad_program(dtype_of(grad_hy.scalar_type())));
  if (!has_bias) return {grad_input, grad_hidden, grad_hx, at::Tensor(), at::Tensor()};
  return {grad_input, grad_hidden, grad_hx, at::sum(grad_input, 0), at::sum(grad_hidden, 0)};
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  implement<&lstm_cell>(m, "_thnn_fused_lstm_cell");
  implement<&lstm_cell_backward>(m, "_thnn_fused_lstm_cell_backward_impl");
  implement<&gru_cell>(m, "_thnn_fused_gru_cell");
  implement<&gru_cell_backward>(m, "_thnn_fused_gru_cell_backward");
}

}  // namespace lineshaft::torch

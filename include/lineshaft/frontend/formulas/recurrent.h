// One step of the cells of recurrent networks, and its gradient, each as a program. All inputs and outputs of a program
// have one float dtype. The inputs are slices: the slice of a gate is the product of the step's input, or of the hidden
// state, with the weights of that gate.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// A step of LSTM (Hochreiter and Schmidhuber, 1997) with a forget gate (Gers et al., 2000):
//   i, f, o = sigmoid(sums of the gates' slices), g = tanh(the same)
//   next = f cell + i g
//   hidden = o tanh(next)
// Inputs: the slices i, f, g, o of the input; the slices i, f, g, o of the hidden state; if `biased`, a bias for each
// of these eight slices, in the same order; cell. Outputs: hidden, next; and for the gradient i, f, g, o.
LINESHAFT_EXPORT ProgramRef lstm_cell_program(DType dtype, bool biased);
// Inputs: i, f, g, o, cell, next; if `from_hidden`, the gradient of hidden; if `from_cell`, the gradient of next.
// Outputs: the gradients of the sums of the slices i, f, g, o; the gradient of cell.
LINESHAFT_EXPORT ProgramRef lstm_cell_grad_program(DType dtype, bool from_hidden, bool from_cell);

// A step of GRU (Cho et al., 2014), in the variant of PyTorch and cuDNN, where the reset gate multiplies the product of
// the hidden state and not the state itself:
//   r = sigmoid(input_r + hidden_r), z = sigmoid(input_z + hidden_z)
//   n = tanh(input_n + r hidden_n)
//   next = n + z (state - n)
// Inputs: the slices r, z, n of the input; the slices r, z, n of the hidden state; if `biased`, a bias for each of
// these six slices, in the same order; state. Outputs: next; and for the gradient r, z, n, state, and hidden_n with its
// bias added.
LINESHAFT_EXPORT ProgramRef gru_cell_program(DType dtype, bool biased);
// Inputs: the gradient of next; r, z, n, state, hidden_n. Outputs: the gradients of the input's slices r, z, n; the
// gradients of the hidden state's slices r, z, n; and the part of the gradient of `state` that comes from the last line
// of the step.
LINESHAFT_EXPORT ProgramRef gru_cell_grad_program(DType dtype);

}  // namespace lineshaft::frontend::formulas

// One step of the cells of recurrent networks and its gradient: a program each, over the slices of the gates. All
// inputs and outputs of a program are of one float dtype. A gate's slice is the product of the input, or of the hidden
// state, with the gate's weights.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// A step of LSTM (Hochreiter and Schmidhuber, 1997), with a gate that forgets (Gers et al., 2000):
//   i, f, o = sigmoid(sums of the gates' slices), g = tanh(the same)
//   next = f cell + i g
//   hidden = o tanh(next)
// Inputs: the slices i, f, g, o of the input; those of the hidden state; if `biased`, a bias of each of the first four
// and of each of the second four; cell. Outputs: hidden, next, and for the gradient i, f, g, o.
LINESHAFT_EXPORT ProgramRef lstm_cell_program(DType dtype, bool biased);
// Inputs: i, f, g, o, cell, next, and of the gradients of `hidden` and of `next` those that `from_hidden` and
// `from_cell` say, in this order. Outputs: the gradients of the sums of the slices i, f, g, o, and that of cell.
LINESHAFT_EXPORT ProgramRef lstm_cell_grad_program(DType dtype, bool from_hidden, bool from_cell);

// A step of GRU (Cho et al., 2014), which resets the product of the hidden state and not the state itself:
//   r = sigmoid(input_r + hidden_r), z = sigmoid(input_z + hidden_z)
//   n = tanh(input_n + r hidden_n)
//   next = n + z (state - n)
// Inputs: the slices r, z, n of the input; those of the hidden state; if `biased`, a bias of each of the first three
// and of each of the second three; state. Outputs: next, and for the gradient r, z, n, state, hidden_n with its bias.
LINESHAFT_EXPORT ProgramRef gru_cell_program(DType dtype, bool biased);
// Inputs: the gradient of next, and r, z, n, state, hidden_n. Outputs: the gradients of the input's slices r, z, n,
// those of the hidden state's slices r, z, n, and that of `state` as the last line of the step has it.
LINESHAFT_EXPORT ProgramRef gru_cell_grad_program(DType dtype);

}  // namespace lineshaft::frontend::formulas

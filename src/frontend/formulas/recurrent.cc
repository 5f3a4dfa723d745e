#include "lineshaft/frontend/formulas/recurrent.h"

#include <array>

#include "lineshaft/frontend/formulas/activation.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::frontend::formulas {
namespace {

// Reads the inputs of a cell's program in order, all in the compute type.
struct CellInputs {
  ProgramBuilder& p;
  DType dtype;
  Expr next() { return p.input(dtype); }
  template <size_t count>
  std::array<Expr, count> take() {
    std::array<Expr, count> values;
    for (Expr& value : values) value = next();
    return values;
  }
};

}  // namespace

ProgramRef lstm_cell_program(DType dtype, bool biased) {
  static ProgramCache cache;
  return cache.get(key_of(dtype, biased), [&](ProgramBuilder& p) {
    CellInputs in{p, dtype};
    auto gates = in.take<4>(), hidden = in.take<4>();
    for (int i = 0; i < 4; ++i) gates[i] = gates[i] + hidden[i];
    if (biased) {
      auto first = in.take<4>(), second = in.take<4>();
      for (int i = 0; i < 4; ++i) gates[i] = gates[i] + first[i] + second[i];
    }
    Expr state = in.next();
    Expr i = sigmoid(gates[0]), f = sigmoid(gates[1]), g = tanh(gates[2]), o = sigmoid(gates[3]);
    Expr next = f * state + i * g;
    p.output(o * tanh(next), dtype);
    p.output(next, dtype);
    for (Expr gate : {i, f, g, o}) p.output(gate, dtype);
  });
}

ProgramRef lstm_cell_grad_program(DType dtype, bool from_hidden, bool from_cell) {
  static ProgramCache cache;
  return cache.get(key_of(dtype, from_hidden, from_cell), [&](ProgramBuilder& p) {
    CellInputs in{p, dtype};
    auto [i, f, g, o] = in.take<4>();
    Expr cx = in.next(), cy = in.next();
    Expr zero = literal_like(cx, 0.0);
    Expr grad_hidden = from_hidden ? in.next() : zero;
    Expr grad_cell = from_cell ? in.next() : zero;
    Expr t = tanh(cy);
    Expr total = grad_cell + grad_hidden * o * (1.0 - t * t);
    p.output(total * g * i * (1.0 - i), dtype);
    p.output(total * cx * f * (1.0 - f), dtype);
    p.output(total * i * (1.0 - g * g), dtype);
    p.output(grad_hidden * t * o * (1.0 - o), dtype);
    p.output(total * f, dtype);
  });
}

ProgramRef gru_cell_program(DType dtype, bool biased) {
  static ProgramCache cache;
  return cache.get(key_of(dtype, biased), [&](ProgramBuilder& p) {
    CellInputs in{p, dtype};
    auto input = in.take<3>(), hidden = in.take<3>();
    if (biased) {
      auto first = in.take<3>(), second = in.take<3>();
      for (int i = 0; i < 3; ++i) {
        input[i] = input[i] + first[i];
        hidden[i] = hidden[i] + second[i];
      }
    }
    Expr state = in.next();
    Expr r = sigmoid(input[0] + hidden[0]), z = sigmoid(input[1] + hidden[1]);
    Expr n = tanh(input[2] + r * hidden[2]);
    p.output(n + z * (state - n), dtype);
    for (Expr saved : {r, z, n, state, hidden[2]}) p.output(saved, dtype);
  });
}

ProgramRef gru_cell_grad_program(DType dtype) {
  static ProgramCache cache;
  return cache.get(key_of(dtype), [&](ProgramBuilder& p) {
    CellInputs in{p, dtype};
    Expr grad = in.next();
    auto [r, z, n, state, hidden] = in.take<5>();
    Expr grad_z = grad * (state - n) * z * (1.0 - z);
    Expr grad_n = grad * (1.0 - z) * (1.0 - n * n);
    Expr grad_r = grad_n * hidden * r * (1.0 - r);
    for (Expr gradient : {grad_r, grad_z, grad_n, grad_r, grad_z, grad_n * r, grad * z}) p.output(gradient, dtype);
  });
}

}  // namespace lineshaft::frontend::formulas

// What all operations are made of. An operation is a plain aggregate of parameters and views. It lists its fields once,
// in a static template
//
//   template <class Self, class Visitor> static void fields(Self& self, Visitor&& v) {
//     v.input("input", self.input);     // a TensorView or List<TensorView> that is read
//     v.output("output", self.output);  // one that is written whole and not read
//     v.inout("target", self.target);   // one that is read and written
//     v.param("axis", self.axis);       // anything else: integers, floats, bools, enums, arrays of them, List<T>,
//     ProgramRef
//   }
//
// and codec, hashing, equality, printing, tracing and hazard tracking are visitors over that list. A view whose buffer
// is 0 is absent. What is more than read, written or given has a role: reached_input, reached_inout, counted_output and
// argument, below. How much an operation does is its number of elements, unless `double units_of(const Op&)` is
// declared beside it (commands/work.h).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <vector>

#include "lineshaft/base/error.h"
#include "lineshaft/base/export.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/program/program.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft {

// A variable-length field. It borrows: while recording, from the caller; in a command list, from the list's arena.
template <class T>
struct List {
  const T* data = nullptr;
  uint32_t count = 0;

  List() = default;
  List(const T* data, size_t count) : data(data), count(static_cast<uint32_t>(count)) {}
  List(const std::vector<T>& values) : List(values.data(), values.size()) {}  // NOLINT: implicit by design
  template <size_t N>
  List(const T (&values)[N]) : List(values, N) {}  // NOLINT
  const T* begin() const { return data; }
  const T* end() const { return data + count; }
  const T& operator[](size_t i) const { return data[i]; }
  size_t size() const { return count; }
  bool empty() const { return count == 0; }
};

// The names of an enumeration's values, which count from 0. Gives is_valid and name_of: what decodes or prints a
// parameter needs both, so that an enumeration without this line does not compile as one.
#define LINESHAFT_ENUM_NAMES(Enum, ...)                                              \
  inline constexpr const char* k##Enum##Names[] = {__VA_ARGS__};                     \
  constexpr bool is_valid(Enum value) {                                              \
    return static_cast<size_t>(value) < std::size(k##Enum##Names);                   \
  }                                                                                  \
  constexpr const char* name_of(Enum value) {                                        \
    return is_valid(value) ? k##Enum##Names[static_cast<size_t>(value)] : "unknown"; \
  }

// A program applied to an operation's result before it is stored. Input 0 of the program is the result, rounded to
// `program->inputs[0]`; inputs 1... are `inputs`, each with the sizes of the operation's output (stride 0 broadcasts).
// It has one output, the operation's. No program (null) stores the result as it is.
struct Epilogue {
  ProgramRef program = nullptr;
  List<TensorView> inputs;
  List<Scalar> args;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v.param("program", self.program);
    v.input("inputs", self.inputs);
    v.param("args", self.args);
  }
};

// Spatial axes, from the first after batch and channels. Unused entries keep their defaults.
using Spatial = std::array<int32_t, 3>;

// Sizes that a shape rule gives.
using Sizes = InlineVector<int64_t, kMaxRank>;

// Checks that every rule shares. `what` names the operand in the error.
LINESHAFT_EXPORT void require_rank(const char* what, const TensorView& view, int rank);
LINESHAFT_EXPORT void require_shape(const char* what, const TensorView& view, std::span<const int64_t> sizes);
LINESHAFT_EXPORT void require_dtype(const char* what, const TensorView& view, DType dtype);
LINESHAFT_EXPORT void require_float(const char* what, const TensorView& view);
LINESHAFT_EXPORT void require_index(const char* what, const TensorView& view);  // i64 or i32
LINESHAFT_EXPORT void require_axis(int axis, int rank);
LINESHAFT_EXPORT void require_present(const char* what, const TensorView& view);
// The program takes these inputs, outputs and arguments: counts and dtypes.
LINESHAFT_EXPORT void require_program(ProgramRef program, List<TensorView> inputs, List<TensorView> outputs,
                                      size_t args);
// Indices that the program reads are along axes of an iteration space of this rank.
LINESHAFT_EXPORT void require_space(ProgramRef program, int rank);
// The epilogue's inputs and program fit `output`.
LINESHAFT_EXPORT void require_epilogue(const Epilogue& epilogue, const TensorView& output);
// The dtype to which the result is rounded before the epilogue, or before it is stored where there is none.
LINESHAFT_EXPORT DType result_dtype(const Epilogue& epilogue, const TensorView& output);
// Spatial parameters: `count` entries are used, each at least `least`; the others are `unused`.
LINESHAFT_EXPORT void require_spatial(const char* what, const Spatial& values, int count, int32_t least,
                                      int32_t unused);

// Where indices lead from the view of an operand (ops/gather.h): the same lists as the operation's fields.
struct Reach {
  const List<int64_t>* index_strides = nullptr;  // null: nowhere
  const List<int64_t>* bounds = nullptr;
};

// Roles of fields. A visitor that needs one has a function for it; others see an input, an output, an inout or a param.
//
// A view from which indices lead to other elements, which are read, or read and written:
// v.reached(name, view, reach, read, written).
template <class Visitor, class View>
void reached_input(Visitor& v, const char* name, View& view, const Reach& reach) {
  if constexpr (requires { v.reached(name, view, reach, true, false); })
    v.reached(name, view, reach, true, false);
  else
    v.input(name, view);
}
template <class Visitor, class View>
void reached_inout(Visitor& v, const char* name, View& view, const Reach& reach) {
  if constexpr (requires { v.reached(name, view, reach, true, true); })
    v.reached(name, view, reach, true, true);
  else
    v.inout(name, view);
}
// An output of one axis of which only as many elements are specified as the i64 in `count` says:
// v.counted(name, view, count).
template <class Visitor, class View>
void counted_output(Visitor& v, const char* name, View& view, const TensorView& count) {
  if constexpr (requires { v.counted(name, view, count); })
    v.counted(name, view, count);
  else
    v.output(name, view);
}
// An i64 that may differ from run to run of a graph, as the arguments of programs may: v.argument(name, number).
template <class Visitor, class Number>
void argument(Visitor& v, const char* name, Number& number) {
  if constexpr (requires { v.argument(name, number); })
    v.argument(name, number);
  else
    v.param(name, number);
}

// A visitor that has only what its user overrides.
struct NoVisit {
  template <class T>
  void input(const char*, T&) {}
  template <class T>
  void output(const char*, T&) {}
  template <class T>
  void inout(const char*, T&) {}
  template <class T>
  void param(const char*, T&) {}
};

}  // namespace lineshaft

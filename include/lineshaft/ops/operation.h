// The parts that all operations share. An operation is a plain aggregate of parameters and views. It lists its fields
// once, in a static template
//
//   template <class Self, class Visitor> static void fields(Self& self, Visitor&& v) {
//     v.input("input", self.input);     // a TensorView or List<TensorView> that is read
//     v.output("output", self.output);  // one that is written whole and not read
//     v.inout("target", self.target);   // one that is read and written
//     v.param("axis", self.axis);       // anything else: a number, bool, enum, array of them, List<T> or ProgramRef
//   }
//
// The codec, hashing, equality, printing, tracing and hazard tracking are visitors over that list. A view whose buffer
// is 0 is absent. Fields of which a visitor must know more have a role: reached_input, reached_inout, counted_output or
// argument, below. The work of an operation is estimated by its number of elements, unless `double units_of(const Op&)`
// is declared beside it; its unit is that of Work::units (commands/work.h). `validate(const Op&)` throws
// Error(kInvalidArgument) unless the operation is well formed by itself; it does not know the sizes of buffers. Unless
// a comment says otherwise, an output shares no memory with another operand, and an absent output is not computed.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <vector>

#include "lineshaft/base/error.h"
#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft {

// A variable-length field. It does not own its elements: until the operation is recorded they are the caller's; in a
// command list they lie in the list's arena.
template <class T>
struct List {
  const T* data = nullptr;
  uint32_t count = 0;

  List() = default;
  List(const T* data, size_t count) : data(data), count(static_cast<uint32_t>(count)) {}
  List(const std::vector<T>& values) : List(values.data(), values.size()) {}  // NOLINT: implicit by design
  template <size_t N>
  List(const T (&values)[N]) : List(values, N) {}  // NOLINT
  template <size_t N>
  List(const std::array<T, N>& values) : List(values.data(), N) {}  // NOLINT
  const T* begin() const { return data; }
  const T* end() const { return data + count; }
  const T& operator[](size_t i) const { return data[i]; }
  size_t size() const { return count; }
  bool empty() const { return count == 0; }
};

// Defines is_valid and name_of for an enumeration whose values count from 0, by the names of its values. Code that
// decodes or prints a parameter needs both, so that an enumeration without this line does not compile as a parameter.
#define LINESHAFT_ENUM_NAMES(Enum, ...)                                              \
  inline constexpr const char* k##Enum##Names[] = {__VA_ARGS__};                     \
  constexpr bool is_valid(Enum value) {                                              \
    return static_cast<size_t>(value) < std::size(k##Enum##Names);                   \
  }                                                                                  \
  constexpr const char* name_of(Enum value) {                                        \
    return is_valid(value) ? k##Enum##Names[static_cast<size_t>(value)] : "unknown"; \
  }

// A program that is applied to each element of an operation's result before it is stored. Input 0 of the program is the
// result, rounded to `program->inputs[0]`; its further inputs are `inputs`, each with the sizes of the operation's
// output (stride 0 broadcasts). Its one output is the operation's output, to which an element of `inputs` may be
// identical. Without a program (null) the result is stored as it is.
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

// One number for each spatial axis; entry 0 is for the first axis after batch and channels. Unused entries keep their
// defaults.
using Spatial = std::array<int32_t, 3>;

// Checks for validate functions. Each throws Error(kInvalidArgument) where its condition does not hold; `what` names
// the operand in the text. An absent view fails each check of a view.
LINESHAFT_EXPORT void require_rank(const char* what, const TensorView& view, int rank);
LINESHAFT_EXPORT void require_shape(const char* what, const TensorView& view, std::span<const int64_t> sizes);
LINESHAFT_EXPORT void require_dtype(const char* what, const TensorView& view, DType dtype);
LINESHAFT_EXPORT void require_float(const char* what, const TensorView& view);
LINESHAFT_EXPORT void require_index(const char* what, const TensorView& view);  // i64 or i32
LINESHAFT_EXPORT void require_axis(int axis, int rank);
LINESHAFT_EXPORT void require_present(const char* what, const TensorView& view);
// The program takes these inputs and outputs, by number and dtypes, and so many arguments.
LINESHAFT_EXPORT void require_program(ProgramRef program, List<TensorView> inputs, List<TensorView> outputs,
                                      size_t args);
// Every axis whose index the program reads exists in an iteration space of this rank.
LINESHAFT_EXPORT void require_space(ProgramRef program, int rank);
// The epilogue's program, inputs and arguments fit each other and `output`.
LINESHAFT_EXPORT void require_epilogue(const Epilogue& epilogue, const TensorView& output);
// The dtype to which the result is rounded before the epilogue or, without an epilogue, before it is stored.
LINESHAFT_EXPORT DType result_dtype(const Epilogue& epilogue, const TensorView& output);
// The first `count` entries are at least `least`; the others are `unused`.
LINESHAFT_EXPORT void require_spatial(const char* what, const Spatial& values, int count, int32_t least,
                                      int32_t unused);

// Which elements indices can lead to from the view of an operand (ops/gather.h). The pointers are to the operation's
// own fields.
struct Reach {
  const List<int64_t>* index_strides = nullptr;  // null: no indices
  const List<int64_t>* bounds = nullptr;
};

// Roles of fields. A visitor that needs a role has a function for it; to other visitors the field is an input, an
// output, an inout or a param.
//
// A view from which indices lead to other elements. These are read (reached_input), or read and written
// (reached_inout). The visitor's function is v.reached(name, view, reach, read, written).
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
// An output of one axis of which only the first elements are specified; the i64 in `count` says how many. The visitor's
// function is v.counted(name, view, count).
template <class Visitor, class View>
void counted_output(Visitor& v, const char* name, View& view, const TensorView& count) {
  if constexpr (requires { v.counted(name, view, count); })
    v.counted(name, view, count);
  else
    v.output(name, view);
}
// An i64 that may differ from run to run of a graph, as arguments of programs may. The visitor's function is
// v.argument(name, number).
template <class Visitor, class Number>
void argument(Visitor& v, const char* name, Number& number) {
  if constexpr (requires { v.argument(name, number); })
    v.argument(name, number);
  else
    v.param(name, number);
}

// The base of a visitor that ignores all fields except those for which it defines a function.
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

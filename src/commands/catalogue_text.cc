// The catalogue as text, from the same fields() that the codec walks.
#include "commands/codec.h"

namespace lineshaft {
namespace {

template <class T>
std::string type_text(const T&) {
  if constexpr (std::is_same_v<T, TensorView>) {
    return "view";
  } else if constexpr (std::is_same_v<T, ProgramRef>) {
    return "program";
  } else if constexpr (std::is_same_v<T, Scalar>) {
    return "scalar";
  } else if constexpr (std::is_enum_v<T>) {
    std::string text = "enum";
    for (int i = 0; is_valid(static_cast<T>(i)); ++i) text += concat(" ", name_of(static_cast<T>(i)));
    return text;
  } else if constexpr (std::is_same_v<T, bool>) {
    return "bool";
  } else {
    static_assert(std::is_arithmetic_v<T>);
    return concat(std::is_floating_point_v<T> ? "f" : std::is_signed_v<T> ? "i" : "u", 8 * sizeof(T));
  }
}

template <class T>
std::string type_text(const List<T>&) {
  return "list of " + type_text(T{});
}

template <class T, size_t N>
std::string type_text(const std::array<T, N>&) {
  return concat(N, " of ", type_text(T{}));
}

struct TextVisitor {
  std::string& text;
  template <class T>
  void add(const char* role, const char* name, T& field) {
    text += concat("  ", role, " ", name, ": ", type_text(field), "\n");
  }
  template <class T>
  void input(const char* name, T& field) {
    add("input", name, field);
  }
  template <class T>
  void output(const char* name, T& field) {
    add("output", name, field);
  }
  template <class T>
  void inout(const char* name, T& field) {
    add("inout", name, field);
  }
  template <class T>
  void param(const char* name, T& field) {
    add("param", name, field);
  }
};

template <class Op>
std::string operation_text(const char* name) {
  std::string text = concat(name, "\n");
  const Op op;
  Op::fields(op, TextVisitor{text});
  return text;
}

}  // namespace

std::string catalogue_text() {
  std::string text = "dtypes";
  for (int i = 0; i < kDTypeCount; ++i) text += concat(" ", name_of(static_cast<DType>(i)));
  text += "\n";
#define LINESHAFT_OPCODE(name, label, operands, kinds) \
  text += concat("opcode ", label, " ", operands, " ", kinds, "\n");
#include "lineshaft/program/opcodes.def"
#define LINESHAFT_OPERATION(Type, name) text += operation_text<Type>(#name);
#include "lineshaft/ops/catalogue.def"
  return text;
}

Hash128 catalogue_hash() {
  static const Hash128 hash = [] {
    std::string text = catalogue_text();
    return hash_bytes(text.data(), text.size());
  }();
  return hash;
}

}  // namespace lineshaft

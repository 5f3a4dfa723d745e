#include "csrc/core/derived.h"

#include <ATen/core/LegacyTypeDispatch.h>

#include <mutex>
#include <unordered_map>

#include "csrc/core/kernel.h"
#include "csrc/core/tensor.h"

namespace lineshaft::torch {
namespace {

using c10::OperatorHandle;

bool runs_here(const OperatorHandle& op) {
  for (auto key :
       {c10::DispatchKey::PrivateUse1, c10::DispatchKey::CompositeImplicitAutograd,
        c10::DispatchKey::CompositeExplicitAutograd, c10::DispatchKey::CompositeExplicitAutogradNonFunctional})
    if (op.hasKernelForDispatchKey(key)) return true;
  return false;
}

// How an operator's arguments divide: those that the functional overload takes too, and the outputs, last.
struct Form {
  std::string functional;  // its name
  size_t inputs = 0, outputs = 0;
  bool in_place = false;
};

std::optional<Form> form_of(const c10::FunctionSchema& schema) {
  Form form{schema.name(), 0, 0, false};
  for (const c10::Argument& argument : schema.arguments()) {
    if (argument.is_out()) {
      if (argument.type()->kind() != c10::TypeKind::TensorType) return std::nullopt;
      ++form.outputs;
    } else if (form.outputs == 0) {
      ++form.inputs;
    } else {
      return std::nullopt;
    }
  }
  if (form.outputs > 0) return form;
  std::string& name = form.functional;
  const auto& arguments = schema.arguments();
  bool writes_first = !arguments.empty() && arguments[0].alias_info() && arguments[0].alias_info()->isWrite() &&
                      arguments[0].type()->kind() == c10::TypeKind::TensorType;
  if (!writes_first || name.size() < 2 || name.back() != '_' || name[name.size() - 2] == '_' ||
      schema.returns().size() != 1)
    return std::nullopt;
  name.pop_back();
  form.in_place = true;
  return form;
}

bool fits(const c10::FunctionSchema& functional, const c10::FunctionSchema& schema, const Form& form) {
  const auto &theirs = functional.arguments(), &ours = schema.arguments();
  if (theirs.size() != form.inputs || functional.returns().size() != std::max<size_t>(form.outputs, 1)) return false;
  for (size_t i = 0; i < theirs.size(); ++i) {
    if (theirs[i].is_out() || theirs[i].name() != ours[i].name() || *theirs[i].type() != *ours[i].type()) return false;
    if (i == 0 && theirs[i].alias_info() && theirs[i].alias_info()->isWrite()) return false;
  }
  for (const c10::Argument& result : functional.returns())
    if (result.type()->kind() != c10::TypeKind::TensorType) return false;
  return true;
}

std::optional<OperatorHandle> find_functional(const c10::FunctionSchema& schema, const Form& form) {
  auto& dispatcher = c10::Dispatcher::singleton();
  for (const c10::OperatorName& name : dispatcher.getAllOpNames()) {
    if (name.name != form.functional) continue;
    auto found = dispatcher.findSchema(name);
    if (found && fits(found->schema(), schema, form) && runs_here(*found)) return found;
  }
  return std::nullopt;
}

struct Derived {
  Form form;
  std::optional<OperatorHandle> functional;
};

// Looked up once an operator: kernels are registered before any of them runs.
const Derived& derived_of(const OperatorHandle& op) {
  static std::mutex mutex;
  static auto* known = new std::unordered_map<c10::OperatorName, Derived>;
  std::lock_guard lock(mutex);
  auto [at, fresh] = known->try_emplace(op.operator_name());
  if (fresh)
    if (auto form = form_of(op.schema())) at->second = {*form, find_functional(op.schema(), *form)};
  return at->second;
}

// Whose out= forms cast in PyTorch.
bool casts(std::string_view name) {
  constexpr std::string_view names[] = {"aten::logit",  "aten::logit_backward",    "aten::max",
                                        "aten::min",    "aten::mse_loss_backward", "aten::mvlgamma",
                                        "aten::normal", "aten::remainder",         "aten::special_logit"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// A structured operator's functional overload may come back to the out= one: then there is no kernel at all.
thread_local std::vector<const Derived*> running_derived;

void store_in_place(const at::Tensor& result, const at::Tensor& self) {
  require_castable(result.scalar_type(), self);
  TORCH_CHECK(self.sizes() == result.sizes(), "output with shape ", self.sizes(), " doesn't match the broadcast shape ",
              result.sizes());
  self.copy_(result);
}

}  // namespace

bool run_derived(const OperatorHandle& op, ::torch::jit::Stack* stack) {
  const Derived& derived = derived_of(op);
  if (!derived.functional ||
      std::find(running_derived.begin(), running_derived.end(), &derived) != running_derived.end())
    return false;
  const Form& form = derived.form;
  std::vector<at::Tensor> outputs;
  size_t first = stack->size() - form.inputs - form.outputs;
  for (size_t i = 0; i < form.outputs; ++i) outputs.push_back((*stack)[first + form.inputs + i].toTensor());
  if (form.in_place) outputs.push_back((*stack)[first].toTensor());
  stack->resize(first + form.inputs);
  running_derived.push_back(&derived);
  struct Pop {
    ~Pop() { running_derived.pop_back(); }
  } pop;
  at::AutoDispatchBelowADInplaceOrView guard;
  derived.functional->callBoxed(stack);
  std::vector<at::Tensor> results;
  for (size_t i = stack->size() - outputs.size(); i < stack->size(); ++i) results.push_back((*stack)[i].toTensor());
  stack->resize(stack->size() - outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (form.in_place)
      store_in_place(results[i], outputs[i]);
    else
      store_out(results[i], outputs[i], casts(op.schema().name()) ? Stored::kCast : Stored::kExactly);
    stack->emplace_back(outputs[i]);
  }
  return true;
}

}  // namespace lineshaft::torch

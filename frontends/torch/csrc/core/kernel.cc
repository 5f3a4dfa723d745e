#include "csrc/core/kernel.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "csrc/core/devices.h"

namespace lineshaft::torch {

const char* operator_label(const char* name) {
  return frontend::operator_label(concat("aten::", name));
}

uint64_t written_lists(const char* name) {
  std::string full = concat("aten::", name), overload;
  if (size_t dot = full.find('.'); dot != std::string::npos) {
    overload = full.substr(dot + 1);
    full.resize(dot);
  }
  auto schema = c10::Dispatcher::singleton().findSchema({full, overload});
  if (!schema) return 0;
  uint64_t written = 0;
  const auto& arguments = schema->schema().arguments();
  for (size_t i = 0; i < arguments.size() && i < 64; ++i) {
    bool list = arguments[i].type()->kind() == c10::TypeKind::ListType;
    const c10::AliasInfo* alias = arguments[i].alias_info();
    if (list && alias && alias->isWrite() && arguments[i].name() != "grads") written |= uint64_t{1} << i;
  }
  return written;
}

void count_version(const at::Tensor& tensor) {
  if (tensor.defined() && !tensor.is_inference()) tensor.unsafeGetTensorImpl()->bump_version();
}

void raise_generator(c10::Device generator, c10::Device tensor) {
  TORCH_CHECK(false, "Expected a '", tensor.type(), "' device type for generator but found '", generator.type(),
              "'. Numbers for a tensor on ", tensor, " are drawn by a generator made there");
}

void raise_two_devices(c10::Device first, c10::Device second) {
  TORCH_CHECK(false, "Expected all tensors to be on the same device, but found at least two devices, ", first, " and ",
              second, "! Move what is on ", second, " with .to(\"", first, "\") first");
}

void name_place(c10::Error& error, const char* label, c10::DeviceIndex device) {
  error.add_context(concat(label, " on lineshaft:", int{index_or_current(device)}));
}

}  // namespace lineshaft::torch

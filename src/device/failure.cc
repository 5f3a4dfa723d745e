#include "device/failure.h"

#include <new>

#include "lineshaft/ops/catalogue.h"

namespace lineshaft {
namespace {

Error defect(const Command& command, const char* reason) {
  return Error(ErrorCode::kInternal,
               concat(command.label ? command.label : name_of(command.op_kind),
                      ": the device fails to run this operation, which is a defect of Lineshaft (", reason,
                      "). Report it with this line: ", to_string(command),
                      ". Until it is mended, move this operator's tensors to the CPU with .cpu(), or choose another "
                      "device by LINESHAFT_DEVICES"));
}

}  // namespace

Error failure_of(const Command& command) {
  const char* name = command.label ? command.label : name_of(command.op_kind);
  try {
    throw;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInternal) return defect(command, error.what());
    return command.label ? Error(error.code(), concat(name, ": ", error.what())) : error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory, concat(name, ": the system has no memory left; use a smaller batch"));
  } catch (const std::exception& error) {
    return defect(command, error.what());
  }
}

}  // namespace lineshaft

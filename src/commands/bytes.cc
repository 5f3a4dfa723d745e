#include "commands/bytes.h"

namespace lineshaft {

void ByteWriter::raw(const void* data, size_t size) {
  const auto* first = static_cast<const std::byte*>(data);
  if (size) bytes.insert(bytes.end(), first, first + size);
}

}  // namespace lineshaft

#include "commands/bytes.h"

namespace lineshaft {

void ByteWriter::raw(const void* data, size_t size) {
  size_t at = bytes.size();
  bytes.resize(at + size);
  if (size) std::memcpy(bytes.data() + at, data, size);
}

}  // namespace lineshaft

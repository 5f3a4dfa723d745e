#include "platform/descriptor.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

}  // namespace

std::string system_error() {
  return std::strerror(errno);
}

void Descriptor::reset() noexcept {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Mapping::Mapping(const Descriptor& file, size_t size, size_t offset) {
  void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), static_cast<off_t>(offset));
  if (address == MAP_FAILED)
    fail(ErrorCode::kOutOfMemory, "shared memory of ", size, " bytes cannot be mapped: ", system_error());
  bytes_ = {static_cast<std::byte*>(address), size};
}

Mapping::~Mapping() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

Descriptor make_shared_memory(const char* name, size_t size) {
  Descriptor file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0 || ::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0)
    fail(ErrorCode::kOutOfMemory, "shared memory of ", size, " bytes cannot be made: ", system_error());
  return file;
}

void require_sealed(const Descriptor& file, size_t size) {
  struct stat status {};
  int seals = ::fcntl(file.get(), F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0)
    fail(ErrorCode::kProtocol, "the shared memory that the peer sends can be resized; it must be sealed");
  if (::fstat(file.get(), &status) != 0 || status.st_size < 0 || static_cast<size_t>(status.st_size) < size)
    fail(ErrorCode::kProtocol, "the shared memory that the peer sends has ", status.st_size, " bytes, of ", size);
}

Descriptor make_doorbell() {
  Descriptor bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!bell) fail(ErrorCode::kOutOfMemory, "an eventfd cannot be made: ", system_error());
  return bell;
}

void ring_doorbell(const Descriptor& bell) noexcept {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(bell.get(), &one, sizeof one);  // full means that it rings already
}

}  // namespace lineshaft

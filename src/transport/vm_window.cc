#include "transport/vm_window.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/divide.h"
#include "lineshaft/base/error.h"
#include "transport/dax_info.h"

namespace lineshaft {
namespace {

void write_at(const Descriptor& file, const void* bytes, size_t size, uint64_t offset) {
  if (::pwrite(file.get(), bytes, size, static_cast<off_t>(offset)) != static_cast<ssize_t>(size))
    fail(ErrorCode::kOutOfMemory, "the window cannot be written: ", system_error());
}

Descriptor open_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  LS_REQUIRE(file, "the window ", path, " cannot be opened (", system_error(), "); make it with `lineshaft vm init ",
             path, "`");
  return file;
}

WindowLayout read_layout(const std::string& path, const Descriptor& file) {
  struct stat status {};
  WindowHeader header{};
  LS_REQUIRE(::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode), path, " is no file");
  LS_REQUIRE((status.st_mode & S_IWOTH) == 0, "anybody may write and shorten the window ", path,
             ", which would end its server; chmod o-w ", path);
  auto got = ::pread(file.get(), &header, sizeof header, static_cast<off_t>(WindowLayout::kHeader));
  LS_REQUIRE(got == static_cast<ssize_t>(sizeof header), path, " is no window; make one with `lineshaft vm init`");
  try {
    return layout_of(header, static_cast<uint64_t>(status.st_size));
  } catch (const Error& error) {
    fail(ErrorCode::kInvalidArgument, path, ": ", error.what());
  }
}

}  // namespace

WindowLayout layout_of(const WindowHeader& header, uint64_t size) {
  WindowHeader ours;
  if (std::memcmp(header.magic, ours.magic, sizeof ours.magic) != 0)
    fail(ErrorCode::kProtocol, "it is no window; `lineshaft vm init` makes one");
  if (header.version != ours.version)
    fail(ErrorCode::kProtocol, "the window has layout ", header.version, ", this Lineshaft knows layout ", ours.version,
         "; install the same release on both sides");
  WindowLayout layout{header.slots, header.slot_size, size};
  bool sound = layout.slots >= 1 && layout.slots <= WindowLayout::kMostSlots &&
               layout.slot_size >= WindowLayout::kLeastSlot && layout.slot_size <= size &&
               layout.slot_size % WindowLayout::kAlign == 0 && layout.offset(layout.slots) <= size;
  if (!sound)
    fail(ErrorCode::kProtocol, "the window of ", size, " bytes has a damaged header (", layout.slots, " slots of ",
         layout.slot_size, " bytes); make it anew with `lineshaft vm init`");
  return layout;
}

WindowLayout create_window(const std::string& path, uint64_t size, uint32_t slots) {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  LS_REQUIRE(slots >= 1 && slots <= WindowLayout::kMostSlots, "a window has 1 to ", WindowLayout::kMostSlots,
             " slots, not ", slots);
  uint64_t least = WindowLayout::kSlots + slots * WindowLayout::kLeastSlot;
  least = round_up(least, WindowLayout::kWhole);
  LS_REQUIRE(size % WindowLayout::kWhole == 0 && size >= least, "a window of ", slots, " slots has a multiple of ",
             WindowLayout::kWhole / kMiB, " MiB and at least ", least / kMiB, " MiB, not ", size / kMiB, " MiB");
  LS_REQUIRE(path.find_first_of(", \t\n") == std::string::npos, "the path \"", path,
             "\" has a space or a comma in it, which QEMU's arguments do not take");
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  LS_REQUIRE(file || errno != EEXIST, path, " is there already; remove it first (no virtual machine may be using it)");
  LS_REQUIRE(file, "the window ", path, " cannot be made: ", system_error());
  WindowHeader header;
  header.slots = slots;
  header.size = size;
  header.slot_size = (size - WindowLayout::kSlots) / slots / WindowLayout::kAlign * WindowLayout::kAlign;
  std::array<std::byte, 16> uuid{};
  try {
    if (::getrandom(uuid.data(), uuid.size(), 0) != static_cast<ssize_t>(uuid.size()) ||
        ::ftruncate(file.get(), static_cast<off_t>(size)) != 0)
      fail(ErrorCode::kOutOfMemory, "the window ", path, " of ", size, " bytes cannot be made: ", system_error());
    auto info = dax_info(size, WindowLayout::kHeader, uuid);
    write_at(file, info.data(), info.size(), kDaxInfoOffset);
    write_at(file, &header, sizeof header, WindowLayout::kHeader);
  } catch (const Error&) {
    ::unlink(path.c_str());
    throw;
  }
  return {slots, header.slot_size, size};
}

OpenWindow open_window(const std::string& path) {
  OpenWindow window{open_file(path), {}};
  LS_REQUIRE(::flock(window.file.get(), LOCK_EX | LOCK_NB) == 0, "another server has the window ", path,
             "; each virtual machine has a window of its own");
  window.layout = read_layout(path, window.file);
  return window;
}

WindowLayout window_layout(const std::string& path) {
  return read_layout(path, open_file(path));
}

std::string port_name(uint32_t slot) {
  return concat("lineshaft.", slot);
}

std::string port_socket(const std::string& window, uint32_t slot) {
  return concat(window, ".", slot);
}

std::string window_name(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

}  // namespace lineshaft

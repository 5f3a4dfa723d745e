// The paths of the files for TLS. A folder holds authority.pem and, on a server, server.pem and server.key or, in a
// guest, guest.pem and guest.key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/command_export.h"

namespace lineshaft {

struct TlsFiles {
  std::string certificate, key, authority;  // paths of PEM files
};

enum class TlsRole { kServer, kGuest };

// The folder to which `lineshaft cert` writes: ~/.config/lineshaft/tls for users, /etc/lineshaft/tls for root.
LINESHAFT_COMMAND_EXPORT std::string default_tls_folder();

// The files in `folder`: "off" means none; empty means the first of the default folder and /etc/lineshaft/tls that has
// this role's certificate, or none. Throws Error(kInvalidArgument) where a named folder lacks one of them.
LINESHAFT_COMMAND_EXPORT std::optional<TlsFiles> find_tls_files(TlsRole role, std::string_view folder);

}  // namespace lineshaft

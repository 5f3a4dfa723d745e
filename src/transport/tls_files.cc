#include "transport/tls_files.h"

#include <unistd.h>

#include "lineshaft/base/error.h"
#include "platform/environment.h"

namespace lineshaft {
namespace {

const std::string kSystemFolder = "/etc/lineshaft/tls";

TlsFiles files_in(TlsRole role, const std::string& folder) {
  std::string stem = folder + (role == TlsRole::kServer ? "/server" : "/guest");
  return {stem + ".pem", stem + ".key", folder + "/authority.pem"};
}

}  // namespace

std::string default_tls_folder() {
  if (::geteuid() == 0) return kSystemFolder;
  if (auto config = environment("XDG_CONFIG_HOME")) return *config + "/lineshaft/tls";
  if (auto home = environment("HOME")) return *home + "/.config/lineshaft/tls";
  return kSystemFolder;
}

std::optional<TlsFiles> find_tls_files(TlsRole role, std::string_view named) {
  if (named == "off") return std::nullopt;
  if (named.empty()) {
    for (const std::string& folder : {default_tls_folder(), kSystemFolder}) {
      TlsFiles files = files_in(role, folder);
      if (::access(files.certificate.c_str(), F_OK) == 0) return files;
    }
    return std::nullopt;
  }
  TlsFiles files = files_in(role, std::string(named));
  for (const std::string& path : {files.authority, files.certificate, files.key})
    LS_REQUIRE(::access(path.c_str(), R_OK) == 0, path, " cannot be read; ",
               role == TlsRole::kServer ? "`lineshaft cert init` and `lineshaft cert server HOST` make it"
                                        : "`lineshaft cert guest NAME` on the server makes the folder to copy here");
  return files;
}

}  // namespace lineshaft

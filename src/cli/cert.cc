// lineshaft cert: makes the keys by which servers and guests on other machines know each other.
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "lineshaft/base/error.h"
#include "platform/files.h"
#include "transport/certificates.h"
#include "transport/tls_files.h"

namespace lineshaft::cli {
namespace {

std::string folder_of(const Arguments& arguments) {
  return arguments.value("--folder").value_or(default_tls_folder());
}

// Neither file is written where one of them may not be replaced.
void write_credential(const Arguments& arguments, const std::string& stem, const Credential& credential,
                      const char* remark = "") {
  bool force = arguments.has("--force");
  for (const char* ending : {".pem", ".key"})
    LS_REQUIRE(force || !file_exists(stem + ending), stem, ending, " is there already; --force replaces it", remark);
  write_file(stem + ".key", credential.key, FileAccess::kOwner, force);
  write_file(stem + ".pem", credential.certificate, FileAccess::kEverybody, force);
}

Credential read_authority(const std::string& folder) {
  std::string stem = folder + "/authority";
  LS_REQUIRE(can_read(stem + ".key"), stem,
             ".key cannot be read; `lineshaft cert init` makes an authority, --folder names where it lies");
  return {read_file(stem + ".pem"), read_file(stem + ".key")};
}

int run_cert_init(const Arguments& arguments) {
  std::string folder = folder_of(arguments);
  make_private_folder(folder);
  write_credential(arguments, folder + "/authority",
                   make_authority("lineshaft-authority", valid_for(arguments.number("--days", 3650))),
                   ", and then every certificate has to be made again");
  std::cout << "made " << folder << "/authority.pem and authority.key, which signs: it stays on this machine\n"
            << "next: lineshaft cert server HOST, with the names and addresses by which guests reach this machine\n";
  return kDone;
}

int run_cert_server(const Arguments& arguments) {
  std::string folder = folder_of(arguments);
  Credential made = make_server_certificate(read_authority(folder), arguments.positional(),
                                            valid_for(arguments.number("--days", 825)));
  write_credential(arguments, folder + "/server", made);
  std::cout << "made " << folder << "/server.pem and server.key\n"
            << "next: lineshaft serve --tcp 0.0.0.0:7461, and `lineshaft cert guest NAME` for each guest\n";
  return kDone;
}

int run_cert_guest(const Arguments& arguments) {
  LS_REQUIRE(arguments.positional().size() == 1, "lineshaft cert guest takes one NAME, not ",
             arguments.positional().size());
  std::string name = arguments.positional().front(), folder = folder_of(arguments);
  Credential authority = read_authority(folder);
  Credential made = make_guest_certificate(authority, name, valid_for(arguments.number("--days", 825)));
  make_private_folder(folder + "/guests");
  std::string own = folder + "/guests/" + name;
  make_private_folder(own);
  write_credential(arguments, own + "/guest", made);
  write_file(own + "/authority.pem", authority.certificate, FileAccess::kEverybody, true);
  std::cout << "made " << own << "; copy it to the guest's ~/.config/lineshaft/tls, by a way that nobody else reads\n"
            << "there: LINESHAFT_SERVER=tcp://HOST:7461, and LINESHAFT_TLS=FOLDER if it lies elsewhere\n";
  return kDone;
}

std::vector<Option> options(const char* days) {
  return {{"--folder", "PATH", "where the keys lie (/etc/lineshaft/tls for root, else ~/.config/lineshaft/tls)"},
          {"--days", "N", days},
          {"--force", nullptr, "replace what is there"}};
}

}  // namespace

Command cert_command() {
  constexpr const char* kExamples =
      "  lineshaft cert init                          # once: the authority that signs the others\n"
      "  lineshaft cert server lab.example 10.0.0.2   # for `lineshaft serve --tcp`\n"
      "  lineshaft cert guest alice                   # a folder to copy to alice's machine\n";
  return {.name = "cert",
          .summary = "Make the keys by which servers and guests on other machines know each other",
          .positional = "",
          .options = {},
          .examples = kExamples,
          .run = nullptr,
          .commands = {{.name = "cert init",
                        .summary = "Make the authority that signs certificates",
                        .positional = "",
                        .options = options("it is valid for so long (3650)"),
                        .examples = kExamples,
                        .run = run_cert_init},
                       {.name = "cert server",
                        .summary = "Make the certificate of this server, for the names by which guests reach it",
                        .positional = "HOST...",
                        .options = options("it is valid for so long (825)"),
                        .examples = kExamples,
                        .run = run_cert_server},
                       {.name = "cert guest",
                        .summary = "Make a guest's certificate, in a folder to copy to its machine",
                        .positional = "NAME",
                        .options = options("it is valid for so long (825)"),
                        .examples = kExamples,
                        .run = run_cert_guest}}};
}

}  // namespace lineshaft::cli

#include "server/sandbox.h"

#include <seccomp.h>

#include <array>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace lineshaft {
namespace {

// What a worker never needs once its device is open. The names that this libseccomp does not know are skipped.
constexpr std::array kForbidden = {"execve",
                                   "execveat",
                                   "ptrace",
                                   "process_vm_readv",
                                   "process_vm_writev",
                                   "kill",
                                   "tkill",
                                   "fork",
                                   "vfork",
                                   "socket",
                                   "socketpair",
                                   "connect",
                                   "bind",
                                   "listen",
                                   "accept",
                                   "accept4",
                                   "mount",
                                   "umount2",
                                   "move_mount",
                                   "open_tree",
                                   "fsopen",
                                   "pivot_root",
                                   "chroot",
                                   "unshare",
                                   "setns",
                                   "setuid",
                                   "setgid",
                                   "setreuid",
                                   "setregid",
                                   "setresuid",
                                   "setresgid",
                                   "setgroups",
                                   "capset",
                                   "bpf",
                                   "perf_event_open",
                                   "userfaultfd",
                                   "io_uring_setup",
                                   "keyctl",
                                   "add_key",
                                   "request_key",
                                   "init_module",
                                   "finit_module",
                                   "delete_module",
                                   "kexec_load",
                                   "kexec_file_load",
                                   "reboot",
                                   "swapon",
                                   "swapoff",
                                   "acct",
                                   "quotactl",
                                   "personality",
                                   "chmod",
                                   "fchmod",
                                   "fchmodat",
                                   "chown",
                                   "fchown",
                                   "fchownat",
                                   "lchown",
                                   "mknod",
                                   "mknodat",
                                   "symlink",
                                   "symlinkat",
                                   "link",
                                   "linkat",
                                   "pidfd_open",
                                   "pidfd_getfd",
                                   "pidfd_send_signal",
                                   "process_madvise",
                                   "open_by_handle_at",
                                   "name_to_handle_at"};

}  // namespace

void enter_sandbox() {
  std::unique_ptr<void, void (*)(void*)> filter(::seccomp_init(SCMP_ACT_ALLOW), [](void* f) { ::seccomp_release(f); });
  if (!filter) fail(ErrorCode::kUnsupported, "libseccomp cannot make a filter; start the server with --no-sandbox");
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  for (const char* name : kForbidden) {
    int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;
    ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0);
  }
  int result = ::seccomp_load(filter.get());
  if (result != 0)
    fail(ErrorCode::kUnsupported, "the kernel refuses the worker's seccomp filter (", std::strerror(-result),
         "); start the server with --no-sandbox where its container forbids seccomp");
}

}  // namespace lineshaft

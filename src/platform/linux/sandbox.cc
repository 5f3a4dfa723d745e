#include "platform/sandbox.h"

#include <linux/sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

// Names that this libseccomp does not know, or that another architecture lacks, are skipped.
constexpr std::array kAllowed = {
    // memory: compilers of shaders and kernels map what they write and then run it
    "brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "mincore", "memfd_create", "ftruncate", "fallocate",
    // threads
    "futex", "futex_waitv", "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam",
    "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "getcpu", "set_robust_list", "rseq",
    "membarrier", "gettid", "getpid", "getppid", "set_tid_address", "arch_prctl", "exit", "exit_group",
    // time
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "times", "getrusage", "alarm",
    "restart_syscall",
    // descriptors that are open: the guest's, the broker's, the device's
    "read", "write", "readv", "writev", "pread64", "pwrite64", "lseek", "close", "ioctl", "fcntl", "dup", "poll",
    "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2", "pipe2",
    "recvfrom", "sendto", "shutdown", "getsockopt", "fstat", "flock",
    // files: Landlock says which
    "open", "openat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink",
    "readlinkat", "getdents64", "getcwd", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "statfs", "fstatfs", "fsync", "fdatasync",
    // signals to itself
    "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack",
    // what the machine and the process are
    "uname", "sysinfo", "getrandom", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getrlimit",
    "getpriority"};

// Asked for by libraries that do without: an error, not the end.
constexpr std::array kDeclined = {"sched_setscheduler", "sched_setattr", "setpriority", "kcmp",   "mbind",
                                  "set_mempolicy",      "get_mempolicy", "mlock",       "mlock2", "io_uring_setup"};

// Never the worker's to do, not even before its device is open, when drivers ask for much.
constexpr std::array kNever = {"socket",
                               "connect",
                               "bind",
                               "listen",
                               "accept",
                               "accept4",
                               "execve",
                               "execveat",
                               "ptrace",
                               "process_vm_readv",
                               "process_vm_writev",
                               "pidfd_getfd",
                               "kcmp",
                               "perf_event_open",
                               "bpf",
                               "userfaultfd",
                               "io_uring_setup",
                               "keyctl",
                               "add_key",
                               "request_key",
                               "unshare",
                               "setns",
                               "mount",
                               "umount2",
                               "pivot_root",
                               "chroot",
                               "open_tree",
                               "move_mount",
                               "fsopen",
                               "fsmount",
                               "mount_setattr",
                               "init_module",
                               "finit_module",
                               "delete_module",
                               "kexec_load",
                               "kexec_file_load",
                               "reboot",
                               "swapon",
                               "swapoff",
                               "sethostname",
                               "setdomainname",
                               "syslog",
                               "acct",
                               "settimeofday",
                               "clock_settime",
                               "clock_adjtime",
                               "adjtimex",
                               "iopl",
                               "ioperm",
                               "open_by_handle_at",
                               "fanotify_init"};

int control_socket = -1;
char forbidden_note = 0;

void on_forbidden(int, siginfo_t* info, void*) {
  std::array<char, 16> packet{forbidden_note};
  auto end = std::to_chars(packet.data() + 1, packet.data() + packet.size(), info->si_syscall).ptr;
  ::send(control_socket, packet.data(), static_cast<size_t>(end - packet.data()), MSG_NOSIGNAL);
  ::_exit(1);
}

class Filter {
 public:
  // What no rule names gets `action`.
  explicit Filter(uint32_t action) : filter_(::seccomp_init(action), [](void* f) { ::seccomp_release(f); }) {
    if (!filter_) fail(ErrorCode::kUnsupported, "libseccomp cannot make a filter; start the server with --no-sandbox");
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1);
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree: every call passes it
  }

  // Where `conditions` hold.
  template <class... Conditions>
  void add(uint32_t action, const char* name, Conditions... conditions) {
    int number = ::seccomp_syscall_resolve_name(name);
    if (number < 0) return;
    int result = ::seccomp_rule_add(filter_.get(), action, number, sizeof...(conditions), conditions...);
    if (result != 0)
      fail(ErrorCode::kInternal, "the worker's seccomp rule for ", name, " is refused: ", std::strerror(-result));
  }

  void load() {
    int result = ::seccomp_load(filter_.get());
    if (result != 0)
      fail(ErrorCode::kUnsupported, "the kernel refuses the worker's seccomp filter (", std::strerror(-result),
           "); start the server with --no-sandbox where its container forbids seccomp");
  }

 private:
  std::unique_ptr<void, void (*)(void*)> filter_;
};

}  // namespace

void enter_early_sandbox() {
  Filter filter(SCMP_ACT_ALLOW);
  for (const char* name : kNever) filter.add(SCMP_ACT_ERRNO(EPERM), name);
  filter.load();
}

void enter_sandbox(int control, char note) {
  control_socket = control;
  forbidden_note = note;
  struct sigaction action {};
  action.sa_sigaction = on_forbidden;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGSYS, &action, nullptr);

  Filter filter(SCMP_ACT_TRAP);
  for (const char* name : kAllowed) filter.add(SCMP_ACT_ALLOW, name);
  for (const char* name : kDeclined) filter.add(SCMP_ACT_ERRNO(EPERM), name);
  // Threads, not processes. What clone3 is asked for lies in memory, where no filter looks: libraries go back to clone.
  filter.add(SCMP_ACT_ALLOW, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  filter.add(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  // The handler of forbidden calls stays.
  filter.add(SCMP_ACT_ALLOW, "rt_sigaction", SCMP_A0(SCMP_CMP_NE, SIGSYS));
  filter.add(SCMP_ACT_ALLOW, "tgkill", SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid())));
  constexpr scmp_datum_t kVirtualMemoryNames = 0x53564d41;  // PR_SET_VMA
  for (scmp_datum_t option :
       {scmp_datum_t{15} /* PR_SET_NAME */, scmp_datum_t{16} /* PR_GET_NAME */, kVirtualMemoryNames})
    filter.add(SCMP_ACT_ALLOW, "prctl", SCMP_A0(SCMP_CMP_EQ, option));
  // Limits are read, not set.
  filter.add(SCMP_ACT_ALLOW, "prlimit64", SCMP_A2(SCMP_CMP_EQ, 0));
  filter.load();
}

std::string system_call_name(int number) {
  std::unique_ptr<char, void (*)(void*)> name(::seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number), std::free);
  return name ? std::string(name.get()) : concat("number ", number);
}

}  // namespace lineshaft

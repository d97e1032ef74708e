#include "sim/core/process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>

#include "sim/core/error.h"

extern char** environ;  // NOLINT: POSIX

namespace gemeo {

namespace fs = std::filesystem;

namespace {

constexpr int kChannel = 3;       // the child's number of the channel
constexpr int kAskEvery_ms = 50;  // how often signal_to_send is asked
constexpr int kNoExec = 127;

class descriptor {  // owns a file descriptor
 public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~descriptor() { reset(); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct link {  // a pipe between parent and child
  descriptor read, write;
  link() {
    std::array<int, 2> fds{};
    if (::pipe2(fds.data(), O_CLOEXEC) != 0) throw_run("", std::string("cannot make a pipe: ") + std::strerror(errno));
    read.reset(fds[0]);
    write.reset(fds[1]);
  }
};

// Keeps the end of a stream that may be endless.
void keep_tail(std::string& kept, std::string_view more, std::size_t limit) {
  kept += more;
  if (kept.size() > 2 * limit) kept.erase(0, kept.size() - limit);
}

struct child {
  pid_t pid = -1;
  descriptor input;  // a socket, so that a child that does not read cannot raise SIGPIPE here
  descriptor output, error, channel;
};

std::vector<std::string> environment_of(process_options const& o) {
  std::vector<std::string> all;
  for (char** e = environ; *e != nullptr; ++e) {
    std::string_view const entry(*e);
    bool const replaced = std::any_of(o.environment.begin(), o.environment.end(), [&](auto const& kv) {
      return entry.size() > kv.first.size() && entry[kv.first.size()] == '=' && entry.starts_with(kv.first);
    });
    if (!replaced) all.emplace_back(entry);
  }
  for (auto const& [key, value] : o.environment) all.push_back(key + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> p;
  for (std::string& s : strings) p.push_back(s.data());
  p.push_back(nullptr);
  return p;
}

// In the child, after fork: only async-signal-safe calls, as other threads may have held locks.
[[noreturn]] void become(pid_t parent, std::array<int, 4> const& fds, char const* folder, char const* program,
                         char* const* arguments, char* const* environment, int failure, bool deaf) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(kNoExec);  // it died before prctl
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (deaf) ::signal(SIGINT, SIG_IGN);  // what is ignored stays so through exec
  // First above 9, then to their places: a source may lie where another target is.
  std::array<int, 4> high{-1, -1, -1, -1};
  for (std::size_t i = 0; i < fds.size(); ++i) {
    if (fds[i] >= 0) high[i] = ::fcntl(fds[i], F_DUPFD_CLOEXEC, 10);
  }
  int const failure_high = ::fcntl(failure, F_DUPFD_CLOEXEC, 10);
  for (int i = 0; i < static_cast<int>(high.size()); ++i) {
    if (high[static_cast<std::size_t>(i)] >= 0) {
      ::dup2(high[static_cast<std::size_t>(i)], i);
    } else {
      ::close(i);
    }
  }
  ::close_range(kChannel + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (*folder == '\0' || ::chdir(folder) == 0) ::execve(program, arguments, environment);
  int const reason = errno;
  [[maybe_unused]] auto const n = ::write(failure_high, &reason, sizeof reason);
  ::_exit(kNoExec);
}

child start(std::vector<std::string> arguments, process_options const& o) {
  fs::path const program =
      arguments[0].find('/') != std::string::npos ? fs::path(arguments[0]) : find_program(arguments[0]);
  if (program.empty())
    throw_run(arguments[0], "this program is not installed", "scripts/setup.sh installs what gemeo needs");
  link output, error, channel, failure;
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    throw_run("", std::string("cannot make a socket: ") + std::strerror(errno));
  }
  child c;
  c.input.reset(sockets[0]);
  descriptor const their_input(sockets[1]);
  auto environment = environment_of(o);
  auto const argv = pointers(arguments), envp = pointers(environment);
  std::string const folder = o.folder.string(), file = program.string();
  pid_t const self = ::getpid();
  c.pid = ::fork();
  if (c.pid < 0) throw_run(file, std::string("cannot start a process: ") + std::strerror(errno));
  if (c.pid == 0) {
    become(self,
           {their_input.get(), output.write.get(), error.write.get(), o.on_channel_line ? channel.write.get() : -1},
           folder.c_str(), file.c_str(), argv.data(), envp.data(), failure.write.get(), o.deaf_to_interrupt);
  }
  failure.write.reset();
  int reason = 0;
  ssize_t n = 0;
  do n = ::read(failure.read.get(), &reason, sizeof reason);
  while (n < 0 && errno == EINTR);
  if (n == static_cast<ssize_t>(sizeof reason)) {
    ::waitpid(c.pid, nullptr, 0);
    throw_run(file, std::string("cannot be started: ") + std::strerror(reason));
  }
  auto const take = [](descriptor& to, descriptor& from) { to.reset(::fcntl(from.get(), F_DUPFD_CLOEXEC, 3)); };
  take(c.output, output.read);
  take(c.error, error.read);
  if (o.on_channel_line) take(c.channel, channel.read);
  return c;
}

class conversation {  // with one child, until it has ended
 public:
  conversation(child& c, process_options const& o) : c_(c), o_(o) {}

  process_result run() {
    while (c_.output.open() || c_.error.open() || c_.channel.open()) {
      if (exchange()) break;
      ask_for_signal();
    }
    if (!status_) wait_for_end();
    return result();
  }

 private:
  // One round of reading and writing; true when the child has ended and its pipes, held by someone else, fell silent
  // after that: what it wrote between the end of a silence and its own end is still to be read.
  bool exchange() {
    std::array<pollfd, 4> fds{{{c_.output.get(), POLLIN, 0},
                               {c_.error.get(), POLLIN, 0},
                               {c_.channel.get(), POLLIN, 0},
                               {c_.input.get(), static_cast<short>(sent_ < o_.input.size() ? POLLOUT : 0), 0}}};
    if (c_.input.open() && sent_ == o_.input.size()) c_.input.reset(), fds[3].fd = -1;
    bool const ended = status_.has_value();
    int const n = ::poll(fds.data(), fds.size(), ended ? 0 : kAskEvery_ms);
    if (n == 0 && !ended) try_wait();
    if (n == 0) return ended;
    if (n < 0) return false;  // a signal; the caller asks what it means
    if ((fds[0].revents & (POLLIN | POLLHUP)) != 0)
      receive(c_.output, [&](auto s) { keep_tail(result_.output, s, o_.keep_bytes); });
    if ((fds[1].revents & (POLLIN | POLLHUP)) != 0)
      receive(c_.error, [&](auto s) { keep_tail(result_.error_output, s, o_.keep_bytes); });
    if ((fds[2].revents & (POLLIN | POLLHUP)) != 0) receive(c_.channel, [&](auto s) { lines(s); });
    if ((fds[3].revents & (POLLOUT | POLLERR | POLLHUP)) != 0) send();
    return false;
  }

  template <typename Sink>
  void receive(descriptor& from, Sink const& sink) {
    std::array<char, 65536> buffer;  // NOLINT: filled by read
    ssize_t const n = ::read(from.get(), buffer.data(), buffer.size());
    if (n > 0) sink(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) from.reset();
  }

  void send() {
    ssize_t const n =
        ::send(c_.input.get(), o_.input.data() + sent_, o_.input.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) sent_ += static_cast<std::size_t>(n);
    if (n < 0 && errno != EINTR && errno != EAGAIN) sent_ = o_.input.size();  // it does not want the rest
  }

  void lines(std::string_view more) {
    pending_ += more;
    std::size_t from = 0;
    for (std::size_t end = 0; (end = pending_.find('\n', from)) != std::string::npos; from = end + 1) {
      o_.on_channel_line(std::string_view(pending_).substr(from, end - from));
    }
    pending_.erase(0, from);
  }

  void ask_for_signal() {
    int const s = o_.signal_to_send ? o_.signal_to_send() : 0;
    if (s != 0 && !status_) ::kill(c_.pid, s);
  }

  bool try_wait() {
    int status = 0;
    if (::wait4(c_.pid, &status, WNOHANG, &usage_) == c_.pid) status_ = status;
    return status_.has_value();
  }

  void wait_for_end() {
    while (!try_wait()) {
      ask_for_signal();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  process_result result() {
    if (WIFEXITED(*status_)) result_.exit_code = WEXITSTATUS(*status_);
    if (WIFSIGNALED(*status_)) result_.signal = WTERMSIG(*status_);
    for (std::string* s : {&result_.output, &result_.error_output}) {
      if (s->size() > o_.keep_bytes) s->erase(0, s->size() - o_.keep_bytes);
    }
    auto const seconds = [](timeval const& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    result_.cpu_s = seconds(usage_.ru_utime) + seconds(usage_.ru_stime);
    result_.peak_rss_bytes = static_cast<std::uint64_t>(usage_.ru_maxrss) * 1024U;
    return std::move(result_);
  }

  child& c_;
  process_options const& o_;
  process_result result_;
  std::size_t sent_ = 0;
  std::string pending_;
  std::optional<int> status_;
  rusage usage_{};
};

// Whatever a callback throws, no child is left behind; it may close its files first, and finds nobody at its pipes'
// ends.
struct reaper {
  child& c;
  bool armed = true;
  ~reaper() {
    if (!armed) return;
    for (descriptor* d : {&c.input, &c.output, &c.error, &c.channel}) d->reset();
    ::kill(c.pid, SIGTERM);
    for (int i = 0; i < 2000; ++i) {
      if (::waitpid(c.pid, nullptr, WNOHANG) == c.pid) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(c.pid, SIGKILL);
    ::waitpid(c.pid, nullptr, 0);
  }
};

}  // namespace

process_result run_program(std::vector<std::string> const& arguments, process_options const& options) {
  verify(!arguments.empty(), "a program has a name");
  child c = start(arguments, options);
  reaper guard{c};
  process_result r = conversation(c, options).run();
  guard.armed = false;
  return r;
}

std::string describe(process_result const& r) {
  if (r.signal != 0) return fmt::format("signal {} ({})", r.signal, ::strsignal(r.signal));  // NOLINT: text is constant
  return fmt::format("exit code {}", r.exit_code);
}

fs::path own_executable() {
  std::error_code ec;
  fs::path const self = fs::read_symlink("/proc/self/exe", ec);
  if (ec) throw_run("/proc/self/exe", "cannot be read: " + ec.message(), "gemeo needs /proc");
  return self;
}

fs::path find_program(std::string const& name) {
  std::vector<fs::path> folders{own_executable().parent_path()};
  std::string_view path =
      std::getenv("PATH") != nullptr ? std::getenv("PATH") : "/usr/local/bin:/usr/bin:/bin";  // NOLINT
  while (!path.empty()) {
    std::size_t const end = std::min(path.find(':'), path.size());
    if (end > 0) folders.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  for (fs::path const& f : folders) {
    std::error_code ec;
    fs::path const candidate = f / name;
    if (fs::is_regular_file(candidate, ec) && ::access(candidate.c_str(), X_OK) == 0) return fs::absolute(candidate);
  }
  return {};
}

}  // namespace gemeo

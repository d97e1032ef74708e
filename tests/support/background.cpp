#include "tests/support/background.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace gemeo::test {

std::string slurp(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream s;
  s << in.rdbuf();
  return s.str();
}

bool wait_until(std::function<bool()> const& condition, double seconds) {
  auto const end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

background::background(std::filesystem::path const& folder, std::vector<std::string> arguments,
                       std::vector<std::string> environment)
    : out_(folder / "stdout.txt"), err_(folder / "stderr.txt") {
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    ::setpgid(0, 0);  // so that a signal to its group is one from its terminal
    ::dup2(::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDOUT_FILENO);
    ::dup2(::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
    for (std::string& e : environment) ::putenv(e.data());
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::setpgid(pid_, pid_);
}

background::~background() {
  if (status_ != -1) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void background::send(int signal) const { ::kill(pid_, signal); }
void background::send_to_group(int signal) const { ::kill(-pid_, signal); }

std::vector<pid_t> background::children() const {
  std::vector<pid_t> found;
  for (auto const& e : std::filesystem::directory_iterator("/proc")) {
    std::string const name = e.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string const stat = slurp(e.path() / "stat");
    std::istringstream rest(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    char state = 0;
    pid_t parent = 0;
    if (rest >> state >> parent && parent == pid_ && state != 'Z') found.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return found;
}

int background::wait(double seconds) {
  int status = 0;
  if (!wait_until([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, seconds)) {
    throw std::runtime_error("did not end in time; it said: " + slurp(err_));
  }
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return status_;
}

}  // namespace gemeo::test

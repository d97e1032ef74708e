// A program that runs while a test does something to it: its output in files, its signals and children at hand.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gemeo::test {

std::string slurp(std::filesystem::path const& file);

// True as soon as the condition is; false when it has not become true in time.
bool wait_until(std::function<bool()> const& condition, double seconds = 30);

class background {
 public:
  // Standard output and error go to FOLDER/stdout.txt and stderr.txt; environment: NAME=VALUE, beside what is
  // inherited.
  background(std::filesystem::path const& folder, std::vector<std::string> arguments,
             std::vector<std::string> environment = {});
  ~background();
  background(background const&) = delete;
  background& operator=(background const&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send(int signal) const;
  void send_to_group(int signal) const;  // as Ctrl-C does
  [[nodiscard]] std::vector<pid_t> children() const;
  // The exit code, or 128 + signal; waits for the end, kills and throws when it does not come.
  int wait(double seconds = 60);
  [[nodiscard]] std::string out() const { return slurp(out_); }
  [[nodiscard]] std::string err() const { return slurp(err_); }

 private:
  std::filesystem::path out_, err_;
  pid_t pid_ = -1;
  int status_ = -1;
};

}  // namespace gemeo::test

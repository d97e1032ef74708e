// Where the shared real data lies, and a folder of its own for each test that writes.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>

namespace gemeo::test {

// $GEMEO_SHARED_DATA, or ../shared beside the project; nullopt when NAME is not there.
std::optional<std::filesystem::path> shared_data(std::string const& name);

// In a test: GEMEO_NEED_SHARED(file, "bologna/acosta/run.sumocfg");
#define GEMEO_NEED_SHARED(variable, name)                         \
  auto const variable##_found = ::gemeo::test::shared_data(name); \
  if (!variable##_found) {                                        \
    WARN("skipped: no shared data (" << (name) << ")");           \
    return;                                                       \
  }                                                               \
  std::filesystem::path const variable = *variable##_found

// An empty folder that is removed again.
class temp_folder {
 public:
  temp_folder();
  ~temp_folder();
  temp_folder(temp_folder const&) = delete;
  temp_folder& operator=(temp_folder const&) = delete;
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }
  std::filesystem::path operator/(std::string const& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace gemeo::test

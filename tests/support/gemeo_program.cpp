#include "tests/support/gemeo_program.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/core/hash.h"

namespace gemeo::test {

process_result run_gemeo(std::vector<std::string> arguments, std::filesystem::path const& folder,
                         process_options options) {
  arguments.insert(arguments.begin(), GEMEO_BINARY_DIR "/bin/gemeo");
  options.folder = folder;
  return run_program(arguments, options);
}

std::map<std::string, std::string> contents(std::filesystem::path const& folder) {
  std::map<std::string, std::string> all;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(folder)) {
    bool const plain = entry.is_regular_file() && !entry.is_symlink();
    all[entry.path().lexically_relative(folder).string()] = plain ? to_hex(hash_file(entry.path())) : "folder";
  }
  return all;
}

void run_broken(broken_input const& b) {
  temp_folder const t;
  for (auto const& [name, text] : b.files) {
    std::filesystem::create_directories((t / name).parent_path());
    write_text(t / name, text);
  }
  if (b.prepare) b.prepare(t.path());
  auto const before = contents(t.path());
  process_options options;
  options.environment = b.environment;
  process_result const r = run_gemeo(b.arguments, t.path(), options);
  INFO(b.name << ": gemeo " << (b.arguments.empty() ? "" : b.arguments[0]) << " said\n" << r.error_output << r.output);
  CHECK(r.signal == 0);
  CHECK(r.exit_code == b.exit_code);
  CHECK(r.error_output.starts_with("gemeo: "));
  CHECK(std::count(r.error_output.begin(), r.error_output.end(), '\n') <= 2);
  for (std::string const& text : b.says) CHECK_THAT(r.error_output, Catch::Contains(text));
  CHECK(contents(t.path()) == before);
}

}  // namespace gemeo::test

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/tiny_network.h"
#include "tests/ui/picture.h"
#include "tests/ui/synthetic_result.h"

using namespace gemeo;

namespace {

struct line_file {
  test::tiny_network t{"A--B\n"};
  std::string file, out;
  line_file() {
    auto const traffic = [](edge_id, std::size_t) { return test::road_state{.speed_mps = 9, .density_veh_per_km = 5}; };
    file = test::write_synthetic(t.folder / "run.h5", *t.net, traffic).string();
    out = (t.folder / "out.png").string();
  }
  // Refused with the code and a message that says this; nothing is left behind.
  void refused(int code, std::string const& says, std::vector<std::string> const& arguments,
               std::vector<std::pair<std::string, std::string>> const& environment = {}) const {
    auto const r = test::view(arguments, environment);
    INFO(r.error_output);
    CHECK(r.exit_code == code);
    CHECK(r.signal == 0);
    CHECK_THAT(r.error_output, Catch::Contains(says));
    CHECK_THAT(r.error_output, Catch::StartsWith("gemeo-view: "));
    CHECK(std::count(r.error_output.begin(), r.error_output.end(), '\n') == 1);
    CHECK_FALSE(std::filesystem::exists(out));
    CHECK_FALSE(std::filesystem::exists(out + ".partial"));
  }
};

}  // namespace

TEST_CASE_METHOD(line_file, "program: bad usage ends with 2 and one line that says what to do") {
  refused(2, "FILE", {});
  refused(2, "no such file", {(t.folder / "nothing.h5").string()});
  refused(2, "08:15", {file, "--screenshot", out, "--time", "quarter past"});
  refused(2, "from 07:00 to 09:00", {file, "--screenshot", out, "--time", "23:00"});
  refused(2, "did you mean 'density'?", {file, "--screenshot", out, "--quantity", "densty"});
  refused(2, "1600x1000", {file, "--screenshot", out, "--size", "huge"});
  refused(2, "1600x1000", {file, "--screenshot", out, "--size", "99999x99999"});
  refused(2, "1600x1000", {file, "--screenshot", out, "--size", "800x600x2"});
  refused(2, "light or dark", {file, "--screenshot", out, "--theme", "blue"});
  refused(2, "--scale", {file, "--screenshot", out, "--scale", "nan"});
  refused(2, "pictures are PNG files", {file, "--screenshot", out + ".jpg"});
  refused(2, "'Rua Nenhuma'", {file, "--screenshot", out, "--road", "Rua Nenhuma"});
  refused(2, "ratio, speed, flow", {file, "--screenshot", out, "--quantity", "co2"});
  refused(2, "no folder", {file, "--screenshot", (t.folder / "none" / "out.png").string()});
  refused(2, "--nonsense", {file, "--nonsense"});
  refused(2, "", {file, file, file});
}

TEST_CASE_METHOD(line_file, "program: a damaged file ends with 2 and names the file") {
  auto const broken = (t.folder / "broken.h5").string();
  std::ofstream(broken) << "not a result";
  refused(2, "broken.h5", {broken, "--screenshot", out});
  std::filesystem::copy_file(file, broken, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::resize_file(broken, std::filesystem::file_size(broken) / 2);
  refused(2, "broken.h5", {broken, "--screenshot", out});
  refused(2, "is a folder", {t.folder.path().string(), "--screenshot", out});
}

TEST_CASE_METHOD(line_file, "program: without a display the window ends with 1 and points to --screenshot") {
  refused(1, "--screenshot OUT.png", {file});
}

TEST_CASE_METHOD(line_file, "program: a picture that cannot be written ends with 1 and leaves nothing") {
  std::filesystem::create_directory(t.folder / "taken.png");
  auto const r = test::view({file, "--screenshot", (t.folder / "taken.png").string(), "--size", "400x300"});
  CHECK(r.exit_code == 1);
  CHECK_THAT(r.error_output, Catch::Contains("taken.png"));
  CHECK_FALSE(std::filesystem::exists(t.folder / "taken.png.partial"));
  if (std::filesystem::exists("/dev/full")) {
    std::filesystem::create_symlink("/dev/full", t.folder / "full.png.partial");
    auto const full = test::view({file, "--screenshot", (t.folder / "full.png").string(), "--size", "400x300"});
    CHECK(full.exit_code == 1);
    CHECK_FALSE(std::filesystem::exists(t.folder / "full.png"));
  }
}

TEST_CASE_METHOD(line_file, "program: a driver without OpenGL 3.3 is said so, with 1") {
  refused(1, "OpenGL 3.3", {file, "--screenshot", out}, {{"MESA_GL_VERSION_OVERRIDE", "2.1"}});
}

TEST_CASE_METHOD(line_file, "program: help and version end with 0") {
  CHECK_THAT(test::view({"--help"}).output, Catch::Contains("--screenshot"));
  CHECK(test::view({"--version"}).exit_code == 0);
}

TEST_CASE_METHOD(line_file, "program: the window opens, draws and closes on a display") {
  auto const server = find_program("xvfb-run");
  if (server.empty() || find_program("xauth").empty()) {
    WARN("skipped: no xvfb-run");
    return;
  }
  auto const r = run_program({server.string(), "-a", "-s", "-screen 0 1280x800x24", GEMEO_VIEW_PROGRAM, file, "--size",
                              "900x600", "--quit-after", "1"});
  INFO(r.output << r.error_output);
  CHECK(r.exit_code == 0);
}

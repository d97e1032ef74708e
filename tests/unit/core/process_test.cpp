#include "sim/core/process.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "sim/core/error.h"

using namespace gemeo;

namespace {
process_result shell(std::string const& script, process_options const& o = {}) {
  return run_program({"/bin/sh", "-c", script}, o);
}
}  // namespace

TEST_CASE("process: streams, exit code and input arrive as they are") {
  process_options o;
  o.input = std::string(300000, 'x');
  auto const r = shell("wc -c; echo oops >&2; exit 7", o);
  CHECK(r.output == "300000\n");
  CHECK(r.error_output == "oops\n");
  CHECK(r.exit_code == 7);
  CHECK(r.signal == 0);
  CHECK_FALSE(r.ok());
  CHECK(describe(r) == "exit code 7");
}

TEST_CASE("process: arguments are not words of a shell") {
  auto const r = run_program({"echo", "a b; rm *", "$HOME"});
  CHECK(r.output == "a b; rm * $HOME\n");
}

TEST_CASE("process: a child that does not read its input does not kill the parent") {
  process_options o;
  o.input = std::string(1 << 22, 'x');
  CHECK(shell("exec <&-; sleep 0.05; echo fine", o).output == "fine\n");
}

TEST_CASE("process: a signal is told from an exit code") {
  auto const r = shell("kill -SEGV $$");
  CHECK(r.exit_code == -1);
  CHECK(r.signal == SIGSEGV);
  CHECK(describe(r).find("signal 11") == 0);
}

TEST_CASE("process: only the end of an endless stream is kept") {
  process_options o;
  o.keep_bytes = 100;
  auto const r = shell("yes 0123456789 | head -c 1000000; echo END", o);
  CHECK(r.output.size() == 100);
  CHECK(r.output.substr(96) == "END\n");
}

TEST_CASE("process: lines on descriptor 3 come one by one") {
  process_options o;
  std::vector<std::string> lines;
  o.on_channel_line = [&](std::string_view l) { lines.emplace_back(l); };
  CHECK(shell("printf 'one\\ntw' >&3; sleep 0.05; printf 'o\\n\\nrest' >&3; echo out", o).output == "out\n");
  CHECK(lines == std::vector<std::string>{"one", "two", ""});
}

TEST_CASE("process: descriptor 3 is closed without a channel") { CHECK(shell("echo x >&3").exit_code != 0); }

TEST_CASE("process: a signal asked for is sent") {
  process_options o;
  int asked = 0;
  o.signal_to_send = [&] { return ++asked == 3 ? SIGTERM : 0; };
  auto const r = shell("exec sleep 60", o);
  CHECK(r.signal == SIGTERM);
}

TEST_CASE("process: a grandchild that keeps the pipes does not hold the parent") {
  auto const r = shell("sleep 3 & echo done");
  CHECK(r.exit_code == 0);
  CHECK(r.output == "done\n");
}

TEST_CASE("process: what a child writes as its last breath after a silence is heard") {
  // The parent looks after a silence of 50 ms whether the child has ended: it may write and end in that moment.
  std::atomic<int> unheard = 0;
  std::vector<std::thread> parents;
  for (int p = 0; p < 8; ++p) {
    parents.emplace_back([&unheard, p] {
      for (int i = 0; i < 20; ++i) {
        bool heard = false;
        process_options o;
        o.on_channel_line = [&](std::string_view l) { heard = l == "last"; };
        shell("sleep 0.0" + std::to_string(45 + (p + i) % 8) + "; echo last >&3", o);
        if (!heard) ++unheard;
      }
    });
  }
  for (std::thread& t : parents) t.join();
  CHECK(unheard == 0);
}

TEST_CASE("process: a missing program is an error that names it") {
  CHECK_THROWS_WITH(run_program({"no-such-program-x"}),
                    Catch::Contains("no-such-program-x") && Catch::Contains("not installed"));
  CHECK_THROWS_WITH(run_program({"/no/such/file"}),
                    Catch::Contains("/no/such/file") && Catch::Contains("No such file"));
}

TEST_CASE("process: folder and environment are set for the child alone") {
  process_options o;
  o.folder = "/";
  o.environment = {{"GEMEO_TEST_WORD", "hello"}, {"HOME", "/nowhere"}};
  CHECK(shell("pwd; echo $GEMEO_TEST_WORD $HOME", o).output == "/\nhello /nowhere\n");
}

TEST_CASE("process: what a child used is measured") {
  auto const r = shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done");
  CHECK(r.cpu_s > 0.005);
  CHECK(r.cpu_s < 60);
  CHECK(r.peak_rss_bytes > 500000U);
}

TEST_CASE("process: a callback that throws leaves no child behind") {
  process_options o;
  o.on_channel_line = [](std::string_view) { throw std::runtime_error("stop"); };
  CHECK_THROWS_WITH(shell("echo $$ >&3; exec sleep 60", o), "stop");
}

// Which settings differ between the configurations of two runs.
#include "sim/results/settings.h"

#include <catch2/catch.hpp>

using namespace gemeo;

namespace {

std::string const kBase = R"(title = "A weekday"
city = "tiny"

[time]
begin = "07:00"
end = "09:00"

[routes]
share = 0.5
informed_share = 0.5

[[close]]
name = "bridge"
roads = ["Ponte"]
begin = "08:00"

[[close]]
name = ""
edges = ["a"]

[[incident]]
name = ""
at = "08:15"
)";

std::string with(std::string text, std::string const& from, std::string const& to) {
  REQUIRE(text.find(from) != std::string::npos);
  return text.replace(text.find(from), from.size(), to);
}

std::string said(std::string const& base, std::string const& other) {
  std::string all;
  for (setting_difference const& d : settings_that_differ(base, other))
    all += d.key + ": " + d.base + " -> " + d.other + "\n";
  return all;
}

}  // namespace

TEST_CASE("settings: what is equal but for its title and description differs in nothing") {
  CHECK(said(kBase, kBase).empty());
  CHECK(said(kBase, with(kBase, "A weekday", "Another day")).empty());
  CHECK(said("", "").empty());
}

TEST_CASE("settings: a value is named as --set names it, with both values") {
  CHECK(said(kBase, with(kBase, "informed_share = 0.5", "informed_share = 0")) == "routes.informed_share: 0.5 -> 0\n");
  CHECK(said(kBase, with(kBase, "city = \"tiny\"", "city = \"town\"")) == "city: \"tiny\" -> \"town\"\n");
  CHECK(said(kBase, with(kBase, "share = 0.5\ninf", "inf")) == "routes.share: 0.5 -> \n");
}

TEST_CASE("settings: an intervention is known by its name, or by its place among those without") {
  CHECK(said(kBase, with(kBase, "08:00", "10:00")) == "close.bridge.begin: \"08:00\" -> \"10:00\"\n");
  CHECK(said(kBase, with(kBase, "[\"a\"]", "[\"b\"]")) == "close.1.edges: [\"a\"] -> [\"b\"]\n");
  std::string const more = kBase + "\n[[close]]\nname = \"ring\"\nroads = [\"VLN\"]\n";
  CHECK(said(kBase, more) == "close.ring: no -> yes\n");
  CHECK(said(more, kBase) == "close.ring: yes -> no\n");
  // A further one before it does not shift what has a name.
  std::string const first =
      with(kBase, "[[close]]\nname = \"bridge\"", "[[close]]\nname = \"ring\"\n\n[[close]]\nname = \"bridge\"");
  CHECK(said(kBase, first) == "close.ring: no -> yes\n");
}

TEST_CASE("settings: a file that holds a million of them costs no more than it is worth") {
  std::string many;
  for (int i = 0; many.size() < 1000000; ++i) many += "k" + std::to_string(i) + " = 1\n";
  CHECK(settings_that_differ("", many).size() > 50000);
  CHECK(settings_that_differ(many, many).empty());
  CHECK(settings_that_differ("", many + many).empty());  // beyond a megabyte it is no configuration
}

TEST_CASE("settings: a file without a configuration, and one that is none, are compared all the same") {
  CHECK(said("", "[routes]\nshare = 1\n") == "routes.share:  -> 1\n");
  CHECK(said("[routes]\nshare = 1\n", "") == "routes.share: 1 -> \n");
  CHECK(said("\x01[[", "]]\n = \n[[]]\n") == ".0: no -> yes\n");
  CHECK(said("[[close]]\nname = \"x\"\na = 1\n\n[[close]]\nname = \"x\"\na = 2\n",
             "[[close]]\nname = \"x\"\na = 1\n\n[[close]]\nname = \"x\"\na = 3\n") == "close.x.a: 2 -> 3\n");
}

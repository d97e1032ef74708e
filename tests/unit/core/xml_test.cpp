#include <catch2/catch.hpp>

#include <string>

#include "sim/core/error.h"
#include "sim/core/xml.h"

using namespace gemeo;

namespace {
struct reader : xml_handler {
  double sum = 0;
  std::string last_where;
  void start(std::string_view element, xml_attributes const& a) override {
    if (element == "edge") {
      sum += a.number("length");
      last_where = a.where();
    }
  }
  void end(std::string_view) override {}
};

std::string message_of(std::string_view text) {
  reader r;
  try {
    parse_xml(text, "net.xml", r);
  } catch (error const& e) {
    CHECK(e.exit_code() == 2);
    return e.what();
  }
  return "";
}
}  // namespace

TEST_CASE("xml: attributes are read and messages name file, line and element") {
  reader r;
  parse_xml("<net>\n<edge id=\"a\" length=\"12.5\"/>\n<edge id=\"b\" length=\"1e1\"/></net>", "net.xml", r);
  CHECK(r.sum == 22.5);
  CHECK(r.last_where == "net.xml:3: <edge id=\"b\">");
  CHECK(message_of("<net>\n<edge id=\"a\" length=\"abc\"/></net>") ==
        "net.xml:2: <edge id=\"a\">: attribute 'length' is not a number: 'abc'");
  CHECK(message_of("<net><edge id=\"a\" length=\"nan\"/></net>").find("not a number") != std::string::npos);
  CHECK(message_of("<net><edge id=\"a\"/></net>").find("'length' is missing") != std::string::npos);
}

TEST_CASE("xml: truncated, empty, hostile and absurdly nested documents are refused") {
  CHECK(message_of("<net><edge id=\"a\" length=\"1\"/>").find("malformed XML") != std::string::npos);
  CHECK(message_of("").find("malformed XML") != std::string::npos);
  CHECK(message_of("<!DOCTYPE x [<!ENTITY a \"b\">]><net/>").find("entity") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  CHECK(message_of(deep).find("nested too deeply") != std::string::npos);
}

TEST_CASE("xml: numbers and times are parsed whole, in any locale") {
  CHECK(parse_number(" 1.5 ") == 1.5);
  CHECK_FALSE(parse_number("1,5"));
  CHECK_FALSE(parse_number("1.5x"));
  CHECK_FALSE(parse_number("inf"));
  CHECK(parse_time_s("06:30") == 23400);
  CHECK(parse_time_s("1:02:03") == 3723);
  CHECK(parse_time_s("1:00:00:00") == 86400);
  CHECK(parse_time_s("90") == 90);
  CHECK_FALSE(parse_time_s("1:x"));
  CHECK_FALSE(parse_time_s(""));
  CHECK(xml_escape("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&apos;");
}

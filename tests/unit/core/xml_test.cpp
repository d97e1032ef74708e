#include "sim/core/xml.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "tests/support/shared_data.h"

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

namespace {

// Everything a handler is told, in order; text between two tags as one.
struct recorder : xml_handler {
  std::string told, text;
  void start(std::string_view element, xml_attributes const& a) override {
    take_text();
    told += "<" + std::string(element);
    for (char const** p = a.pairs(); *p != nullptr; p += 2) told += std::string(" ") + p[0] + "=" + p[1];
    told += ">" + a.where() + "\n";
    if (a.find("bad")) a.fail("is bad");
  }
  void end(std::string_view element) override {
    take_text();
    told += "</" + std::string(element) + ">\n";
  }
  void characters(std::string_view s) override { text += s; }
  void take_text() {
    if (!text.empty()) told += "[" + text + "]\n";
    text.clear();
  }
};

// Entities, CDATA, comments, a processing instruction, bytes of one letter that may be torn apart, and both line ends.
std::string const kDocument =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- 1 < 2 & <a> -->\n<run name=\"São Domingos &amp; "
    "&#x1F6B2;\">\r\n"
    "  <interval begin='0.00' end=\"900\"><edge id=\"A&lt;B\" speed=\"13.89\"/></interval>\n"
    "<?note x?><log>é &gt; e <![CDATA[<not> & a tag]]></log><empty></empty>\n</run>\n<!-- end -->";

std::string whole() {
  recorder r;
  parse_xml(kDocument, "out.xml", r);
  return r.told;
}

}  // namespace

TEST_CASE("xml pieces: a document cut in two at any byte tells the handler the same") {
  std::string const expected = whole();
  REQUIRE(expected.find("São Domingos & \U0001F6B2") != std::string::npos);
  REQUIRE(expected.find("[é > e <not> & a tag]") != std::string::npos);
  for (std::size_t cut = 0; cut <= kDocument.size(); ++cut) {
    recorder r;
    xml_push_parser p("out.xml", r);
    p.push(std::string_view(kDocument).substr(0, cut));
    p.push(std::string_view(kDocument).substr(cut));
    p.finish();
    INFO("cut after " << cut << " bytes");
    CHECK(r.told == expected);
  }
}

TEST_CASE("xml pieces: pieces of one byte, and of any other size, tell the handler the same") {
  std::string const expected = whole();
  for (std::size_t size = 1; size <= kDocument.size(); ++size) {
    recorder r;
    xml_push_parser p("out.xml", r);
    for (std::size_t at = 0; at < kDocument.size(); at += size) p.push(std::string_view(kDocument).substr(at, size));
    p.push("");
    p.finish();
    INFO("pieces of " << size << " bytes");
    CHECK(r.told == expected);
  }
}

TEST_CASE("xml pieces: what is whole is told at once, and a document that ends too early is refused at the end") {
  std::size_t const root_ends = kDocument.find("</run>") + 6;
  for (std::size_t cut = 0; cut < root_ends; ++cut) {
    recorder r;
    xml_push_parser p("out.xml", r);
    p.push(std::string_view(kDocument).substr(0, cut));
    bool const edge_given = cut >= kDocument.find("/></interval>") + 2;
    INFO("cut after " << cut << " bytes");
    CHECK((r.told.find("<edge id=A<B") != std::string::npos) == edge_given);
    std::string message;
    try {
      p.finish();
    } catch (error const& e) {
      message = e.what();
    }
    CHECK(message.find("out.xml:") == 0);
    CHECK(message.find("malformed XML") != std::string::npos);
  }
}

TEST_CASE("xml pieces: an error comes out of the push that holds it, with its line, and the parser stays ended") {
  std::string const text = "<run>\n<edge id=\"a\"/>\n<edge id=\"b\" bad=\"1\"/>\n<edge id=\"c\"/>\n</run>\n";
  std::size_t const known = text.find("bad=\"1\"/>") + 9;
  for (std::size_t cut = known; cut <= text.size(); ++cut) {
    recorder r;
    xml_push_parser p("out.xml", r);
    CHECK_NOTHROW(p.push(std::string_view(text).substr(0, known - 1)));
    std::string message;
    try {
      p.push(std::string_view(text).substr(known - 1, cut - known + 1));
    } catch (error const& e) {
      message = e.what();
    }
    CHECK(message == "out.xml:3: <edge id=\"b\">: is bad");
    CHECK_THROWS_AS(p.push("<edge id=\"d\"/>"), error);
    CHECK_THROWS_AS(p.finish(), error);
    CHECK(r.told.find("id=c") == std::string::npos);
  }
  recorder r;
  xml_push_parser p("out.xml", r);
  CHECK_THROWS_AS(p.push("<run></walk>"), error);
}

namespace {

// Three megabytes: with an attribute and a text that are larger than the pieces in which a file is read.
std::string large_document(std::string const& in_the_middle = "") {
  std::string s = "<run>\n";
  for (int i = 0; i < 20000; ++i) {
    s += "<edge id=\"e" + std::to_string(i) + "\" name=\"São &amp; " +
         std::string(static_cast<std::size_t>(i % 90), 'x') + "\"/>\n";
    if (i == 7000) s += "<long it=\"" + std::string(700000, 'y') + "\">" + std::string(600000, 'z') + "</long>\n";
    if (i == 12000) s += in_the_middle;
  }
  return s + "</run>\n";
}

std::string told_of_file(std::filesystem::path const& file, recorder& r) {
  try {
    read_xml(file, r);
  } catch (error const& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("xml files: a large file, packed or not, tells the handler what the same text in memory tells it") {
  gemeo::test::temp_folder const dir;
  std::string const text = large_document();
  recorder expected;
  parse_xml(text, dir / "net.xml", expected);
  REQUIRE(expected.told.size() > text.size());
  for (char const* const name : {"net.xml", "net.xml.gz"}) {
    write_text_file(dir / name, text);
    recorder r;
    CHECK(told_of_file(dir / name, r) == "");
    if (std::string(name) == "net.xml") CHECK((r.told == expected.told));
    CHECK(std::count(r.told.begin(), r.told.end(), '\n') ==
          std::count(expected.told.begin(), expected.told.end(), '\n'));
  }
}

TEST_CASE("xml files: what is wrong deep in a large file is told after all that stands before it, with its line") {
  gemeo::test::temp_folder const dir;
  auto const file = dir / "net.xml";
  auto const all_before = [](recorder const& r) {
    return r.told.find("id=e12000 ") != std::string::npos && r.told.find("id=e12001 ") == std::string::npos;
  };
  {
    write_text_file(file, large_document("<edge id=\"b\" bad=\"1\"/>\n"));
    recorder r;
    CHECK(told_of_file(file, r) == file.string() + ":12004: <edge id=\"b\">: is bad");
    CHECK(all_before(r));
  }
  {
    write_text_file(file, large_document("</walk>\n"));
    recorder r;
    CHECK(told_of_file(file, r).find(file.string() + ":12004: malformed XML") == 0);
    CHECK(all_before(r));
  }
  {
    std::string const text = large_document();
    write_text_file(file, std::string_view(text).substr(0, text.size() - 8));
    recorder r;
    CHECK(told_of_file(file, r).find("the file ends too early") != std::string::npos);
    CHECK(r.told.find("id=e19999 ") != std::string::npos);
  }
  {
    auto const packed = dir / "net.xml.gz";
    write_text_file(packed, large_document());
    std::filesystem::resize_file(packed, std::filesystem::file_size(packed) * 2 / 3);
    recorder r;
    CHECK(told_of_file(packed, r).find(packed.string() + ": damaged or truncated gzip file") == 0);
  }
}

TEST_CASE(
    "xml files: how much a file unpacks to is known before, and a damaged size asks for no more than deflate can") {
  gemeo::test::temp_folder const dir;
  std::string const text = large_document();
  write_text_file(dir / "a.xml", text);
  write_text_file(dir / "a.xml.gz", text);
  CHECK(text_size_hint(dir / "a.xml") == text.size());
  CHECK(text_size_hint(dir / "a.xml.gz") == text.size());
  CHECK(text_size_hint(dir / "none.xml") == 0);
  write_text_file(dir / "lies.xml", std::string("\x1f\x8b") + std::string(20, ' ') + "\xff\xff\xff\xff");
  CHECK(text_size_hint(dir / "lies.xml") == 26 * 1032);
}

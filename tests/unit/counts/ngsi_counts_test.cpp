// TrafficFlowObserved in its four ways of writing, and JSON that is hostile.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/replaced.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

constexpr char const* kPlain =
    R"({"id": "urn:x:1", "type": "TrafficFlowObserved", "laneId": 2, "laneDirection": "backward",
 "dateObservedFrom": "2024-11-04T08:00:00Z", "dateObservedTo": "2024-11-04T08:05:00Z",
 "intensity": 197, "occupancy": 0.76, "averageVehicleSpeed": 52.6,
 "location": {"type": "LineString", "coordinates": [[-9.40, 38.70], [-9.40, 38.71]]},
 "address": {"streetAddress": "Avenida \u00c0 beira"}})";

constexpr char const* kNormalized = R"({"id": "urn:x:1", "type": "TrafficFlowObserved",
 "intensity": {"type": "Property", "value": 197}, "occupancy": {"type": "Number", "value": 0.76},
 "averageVehicleSpeed": {"value": 52.6}, "laneId": {"type": "Property", "value": 2},
 "dateObservedFrom": {"type": "Property", "value": {"@type": "DateTime", "@value": "2024-11-04T08:00:00Z"}},
 "dateObservedTo": {"type": "DateTime", "value": "2024-11-04T08:05:00Z"},
 "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [-9.4, 38.7]}}})";

}  // namespace

TEST_CASE("ngsi: intensity is the number of vehicles in the period, whatever way an entity is written") {
  for (char const* text : {kPlain, kNormalized}) {
    auto const r = read_text_counts(text, "e.json");
    REQUIRE(r.records.size() == 1);
    CHECK(r.records[0].count == 197);
    CHECK(r.records[0].period_ms == 300000);
    CHECK(r.records[0].begin_ms == kMonday_ms + 8 * 3600000);
    CHECK(r.records[0].occ_frac == Approx(0.76));
    CHECK(r.records[0].speed_kmh == Approx(52.6));
    CHECK(r.records[0].flags == 0);
    CHECK(r.key(0).lane == 2);
    CHECK(r.key(0).site == "urn:x:1");
    CHECK(r.catalog.site("ngsi", "urn:x:1")->lon_deg == Approx(-9.4));
  }
  auto const plain = read_text_counts(kPlain, "e.json");
  CHECK(plain.catalog.site("ngsi", "urn:x:1")->heading_deg == Approx(180));  // the lane leads backward
  CHECK(plain.catalog.site("ngsi", "urn:x:1")->road_name == "Avenida \xC3\x80 beira");
}

TEST_CASE("ngsi: a list, a notification, names in full and a period in one text") {
  std::string const entity = kPlain;
  CHECK(read_text_counts("[" + entity + "," + entity + ", {\"id\": \"r\", \"type\": \"Road\"}]", "e.json")
            .records.size() == 2);
  auto const told = read_text_counts(
      "{\"id\": \"n\", \"type\": \"Notification\", \"notifiedAt\": \"2024-11-04T08:06:00Z\", \"data\": [" + entity +
          "]}",
      "e.json");
  REQUIRE(told.records.size() == 1);
  CHECK(told.records[0].received_ms == kMonday_ms + 8 * 3600000 + 360000);
  auto const full = read_text_counts(
      replaced(entity, "\"intensity\"", "\"https://smartdatamodels.org/dataModel.Transportation/intensity\""),
      "e.json");
  CHECK(full.records[0].count == 197);
  auto const both = read_text_counts(
      R"({"id": "a", "type": "TrafficFlowObserved", "intensity": null, "dateObserved": "2024-07-01T08:00:00/2024-07-01T08:05:00"})",
      "e.json", [] {
        read_options o;
        o.time_zone = "Europe/Lisbon";
        return o;
      }());
  CHECK(both.records[0].begin_ms == 1719817200000);
  CHECK(both.records[0].flags == kNull);
  CHECK(std::isnan(both.records[0].count));
}

TEST_CASE(
    "ngsi: -1 is null, other negatives and an occupancy of 76 are impossible, and many of these are a wrong unit") {
  auto const null = read_text_counts(replaced(kPlain, "197", "-1"), "e.json");
  CHECK(null.records[0].flags == kNull);
  auto const negative = read_text_counts(replaced(replaced(kPlain, "197", "-5"), "0.76", "76"), "e.json");
  CHECK(negative.records[0].flags == kOutOfRange);
  CHECK(std::isnan(negative.records[0].occ_frac));
  std::string many = "[";
  for (int i = 0; i < 30; ++i) many += (i == 0 ? "" : ",") + replaced(kPlain, "0.76", "76");
  CHECK(holds(refusal([&] { read_text_counts(many + "]", "e.json"); }), "occupancies are above 1"));
}

TEST_CASE("ngsi: what is no JSON, hostile, or lacks what a count needs is refused with file and line") {
  std::string const good = kPlain;
  struct row {
    char const* name;
    std::string text;
    std::vector<std::string> says;
  };
  row const rows[] = {
      {"cut", good.substr(0, 200), {"e.json:"}},
      {"no value", "{\"a\": }", {"e.json:1", "value"}},
      {"a comma too much", "[1,]", {"e.json:1"}},
      {"two documents", "{} {}", {"follows the end"}},
      {"no quotes", "{a: 1}", {"quotes"}},
      {"deep lists", std::string(5000, '['), {"nests deeper"}},
      {"deep objects",
       [] {
         std::string s;
         for (int i = 0; i < 5000; ++i) s += "{\"a\":";
         return s;
       }(),
       {"nests deeper"}},
      {"a long text", "{\"id\": \"" + std::string(1U << 17U, 'x') + "\"}", {"64 KiB"}},
      {"half a character", R"({"id": "\ud800"})", {"half a character"}},
      {"a control character", "{\"id\": \"a\nb\"}", {"control character"}},
      {"a number of nothing", "{\"id\": 1e}", {"is no number"}},
      {"no counts", R"({"id": "r", "type": "Road"})", {"holds no TrafficFlowObserved"}},
      {"nothing", "[]", {"holds no entity"}},
      {"no id", R"({"type": "TrafficFlowObserved"})", {"has no id"}},
      {"no time", R"({"id": "a", "type": "TrafficFlowObserved", "intensity": 3})", {"a: says no time"}},
      {"a moment only",
       R"({"id": "a", "type": "TrafficFlowObserved", "dateObserved": "2024-11-04T08:00:00Z"})",
       {"--period"}},
      {"backwards", replaced(good, "08:05:00Z", "07:05:00Z"), {"is no period"}},
      {"a text for a number", replaced(good, "197", "\"many\""), {"intensity 'many' is no number"}},
      {"values over time",
       R"({"id": "a", "type": "TrafficFlowObserved", "intensity": [{"value": 3}, {"value": 4}], "dateObserved": "x"})",
       {"lists of values over time"}},
  };
  for (row const& r : rows) {
    DYNAMIC_SECTION(r.name) {
      std::string const why = refusal([&] { read_text_counts(r.text, "e.json"); });
      for (std::string const& s : r.says) CHECK(holds(why, s));
    }
  }
}

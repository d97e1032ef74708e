// DATEX II, versions 2 and 3: the join of measured data with the site table, nulls, faults and times.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/replaced.h"
#include "tests/support/tiny_network.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

std::string characteristics(int index, char const* type, char const* lane, char const* vehicles = "") {
  return "<measurementSpecificCharacteristics index=\"" + std::to_string(index) +
         "\"><measurementSpecificCharacteristics><period>60</period><specificLane>" + lane +
         "</specificLane><specificMeasurementValueType>" + type + "</specificMeasurementValueType>" + vehicles +
         "</measurementSpecificCharacteristics></measurementSpecificCharacteristics>";
}

std::string v2(std::string const& payload, char const* type) {
  return std::string(
             "<?xml version=\"1.0\"?><d2LogicalModel xmlns=\"http://datex2.eu/schema/2/2_0\" "
             "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" modelBaseVersion=\"2\">"
             "<exchange><supplierIdentification><country>pt</country><nationalIdentifier>IP</nationalIdentifier>"
             "</supplierIdentification></exchange><payloadPublication xsi:type=\"") +
         type + "\" lang=\"en\"><publicationTime>2024-11-04T08:02:00+00:00</publicationTime>\n" + payload +
         "</payloadPublication></d2LogicalModel>";
}

std::string table(std::string const& version = "1") {
  return v2(
      "<measurementSiteTable id=\"t\" version=\"1\"><measurementSiteRecord id=\"m1\" version=\"" + version +
          "\"><measurementSiteName><values><value lang=\"pt\">A5 km 12</value></values></measurementSiteName>"
          "<measurementSiteNumberOfLanes>2</measurementSiteNumberOfLanes><measurementSide>westBound</measurementSide>" +
          characteristics(1, "trafficFlow", "lane1") + characteristics(2, "trafficSpeed", "lane1") +
          characteristics(3, "trafficFlow", "lane2") +
          characteristics(
              4, "trafficFlow", "lane2",
              "<specificVehicleCharacteristics><vehicleType>lorry</vehicleType></specificVehicleCharacteristics>") +
          characteristics(5, "trafficConcentration", "lane1") +
          "<measurementSiteLocation xsi:type=\"Point\"><pointByCoordinates><pointCoordinates><latitude>38.7</latitude>"
          "<longitude>-9.4</longitude></pointCoordinates></pointByCoordinates></measurementSiteLocation>"
          "</measurementSiteRecord></measurementSiteTable>",
      "MeasurementSiteTablePublication");
}

std::string value(int index, std::string const& data) {
  return "<measuredValue index=\"" + std::to_string(index) + "\"><measuredValue>" + data +
         "</measuredValue></measuredValue>\n";
}
std::string flow(std::string const& rate, std::string const& attributes = "", std::string const& before = "") {
  return "<basicData xsi:type=\"TrafficFlow\"><vehicleFlow" + attributes + ">" + before + "<vehicleFlowRate>" + rate +
         "</vehicleFlowRate></vehicleFlow></basicData>";
}
std::string speed(std::string const& v) {
  return "<basicData xsi:type=\"TrafficSpeed\"><averageVehicleSpeed><speed>" + v +
         "</speed></averageVehicleSpeed></basicData>";
}
std::string occupancy(std::string const& v) {
  return "<basicData xsi:type=\"TrafficConcentration\"><occupancy><percentage>" + v +
         "</percentage></occupancy></basicData>";
}
std::string measured(std::string const& values, std::string const& version = "1") {
  return v2(
      "<measurementSiteTableReference id=\"t\" version=\"1\" targetClass=\"MeasurementSiteTable\"/><siteMeasurements>"
      "<measurementSiteReference id=\"m1\" version=\"" +
          version +
          "\" targetClass=\"MeasurementSiteRecord\"/>"
          "<measurementTimeDefault>2024-11-04T09:00:00+01:00</measurementTimeDefault>" +
          values + "</siteMeasurements>",
      "MeasuredDataPublication");
}

read_counts_result read_both(std::string const& site_table, std::string const& data, read_options const& o = {}) {
  temp_folder const t;
  write_text(t / "table.xml", site_table);
  write_text(t / "data.xml", data);
  read_counts_result out;
  auto const keep = [&](std::span<count_record const> b) { out.records.insert(out.records.end(), b.begin(), b.end()); };
  read_counts(t / "table.xml", o, out.catalog, keep);
  out.report = read_counts(t / "data.xml", o, out.catalog, keep);
  return out;
}

count_record const* of(read_counts_result const& r, int index) {
  for (count_record const& c : r.records) {
    if (r.catalog.key(c.series).index == index) return &c;
  }
  return nullptr;
}

}  // namespace

TEST_CASE(
    "datex v2: values are joined with the site table on site, version and index: lane, class and period come from "
    "there") {
  auto const r = read_both(table(), measured(value(1, flow("1200")) + value(2, speed("96.5")) + value(3, flow("60")) +
                                             value(4, flow("30")) + value(5, occupancy("12"))));
  REQUIRE(r.records.size() == 3);
  count_record const* const lane1 = of(r, 1);
  REQUIRE(lane1 != nullptr);
  CHECK(lane1->begin_ms == kMonday_ms + 8 * 3600000);
  CHECK(lane1->period_ms == 60000);
  CHECK(lane1->count == 20);
  CHECK(lane1->flow_veh_per_h() == Approx(1200));
  CHECK(lane1->speed_kmh == 96.5F);
  CHECK(lane1->occ_frac == Approx(0.12));
  CHECK(lane1->received_ms == kMonday_ms + 8 * 3600000 + 120000);
  CHECK(lane1->flags == kFromRate);
  detector_key const& k = r.catalog.key(lane1->series);
  CHECK(k.source == "IP");
  CHECK(k.site == "m1");
  CHECK(k.lane == 1);
  CHECK(k.vclass.empty());
  CHECK(of(r, 3)->count == 1);
  CHECK(r.catalog.key(of(r, 4)->series).vclass == "lorry");
  CHECK(r.catalog.key(of(r, 4)->series).lane == 2);
  count_site const* const s = r.catalog.site("IP", "m1");
  REQUIRE(s != nullptr);
  CHECK(s->name == "A5 km 12");
  CHECK(s->lanes == 2);
  CHECK(s->heading_deg == 270);
  CHECK(s->lat_deg == 38.7);
  CHECK(s->lon_deg == -9.4);
}

TEST_CASE("datex v2: classes of length and weight are told apart by what the table says of them") {
  std::string const by_length =
      "<specificVehicleCharacteristics><lengthCharacteristic><comparisonOperator>greaterThan</comparisonOperator>"
      "<vehicleLength>5.2</vehicleLength></"
      "lengthCharacteristic><lengthCharacteristic><comparisonOperator>lessThanOrEqualTo"
      "</comparisonOperator><vehicleLength>6.6</vehicleLength></lengthCharacteristic></specificVehicleCharacteristics>";
  std::string const by_weight =
      "<specificVehicleCharacteristics><grossWeightCharacteristic><comparisonOperator>lessThan</comparisonOperator>"
      "<grossVehicleWeight>3.5</grossVehicleWeight></grossWeightCharacteristic></specificVehicleCharacteristics>";
  std::string const t =
      v2("<measurementSiteTable id=\"t\" version=\"1\"><measurementSiteRecord id=\"m1\" version=\"1\">" +
             characteristics(1, "trafficFlow", "lane1", by_length.c_str()) +
             characteristics(2, "trafficFlow", "lane1", by_weight.c_str()) +
             characteristics(3, "trafficFlow", "hardShoulder") +
             characteristics(4, "trafficFlow", "allLanesCompleteCarriageway") +
             "</measurementSiteRecord></measurementSiteTable>",
         "MeasurementSiteTablePublication");
  auto const r =
      read_both(t, measured(value(1, flow("60")) + value(2, flow("60")) + value(3, flow("60")) + value(4, flow("60"))));
  REQUIRE(r.records.size() == 4);
  CHECK(r.catalog.key(of(r, 1)->series).vclass == "greaterThan 5.2 lessThanOrEqualTo 6.6");
  CHECK(r.catalog.key(of(r, 2)->series).vclass == "lessThan 3.5t");
  CHECK(r.catalog.key(of(r, 3)->series).direction == "hardShoulder");
  CHECK(r.catalog.key(of(r, 4)->series).lane == kAllLanes);
}

TEST_CASE("datex v2: the table of another version says nothing of these values") {
  std::string const why = refusal([] { read_both(table("2"), measured(value(1, flow("1200")), "1")); });
  CHECK(holds(why, "site m1 version 1 index 1"));
  CHECK(holds(why, "how long its period is"));
  CHECK(holds(why, "--period"));
}

TEST_CASE("datex v2: -1, no inputs, errors of the supplier and faults of the equipment are no zeros") {
  auto const r =
      read_both(table(), measured(value(1, flow("-1")) + value(3, flow("0", " numberOfInputValuesUsed=\"0\"")) +
                                  value(4, flow("60", "", "<dataError>true</dataError>"))));
  CHECK(of(r, 1)->flags == kNull);
  CHECK(std::isnan(of(r, 1)->count));
  CHECK(of(r, 3)->flags == kNull);
  CHECK(std::isnan(of(r, 3)->count));
  CHECK(of(r, 3)->n_inputs == 0);
  CHECK(of(r, 4)->flags == kSupplierError);
  CHECK(std::isnan(of(r, 4)->count));
  auto const faulty = read_both(
      table(), measured(value(1,
                              "<measurementEquipmentFault><measurementEquipmentFault>x</measurementEquipmentFault>"
                              "</measurementEquipmentFault>" +
                                  flow("600"))));
  CHECK(faulty.records[0].flags == kSupplierError);
  CHECK(std::isnan(faulty.records[0].count));
  auto const zero = read_both(table(), measured(value(1, flow("0")) + value(2, speed("0"))));
  CHECK(zero.records[0].count == 0);
  CHECK(std::isnan(zero.records[0].speed_kmh));  // nobody drove
}

TEST_CASE("datex v2: without a table, values of one kind that nothing tells apart stay detectors of their own") {
  read_options o;
  o.period_s = 60;
  auto const r =
      read_text_counts(measured(value(0, speed("90")) + value(3, flow("120")) + value(4, flow("60"))), "d.xml", o);
  REQUIRE(r.records.size() == 3);
  CHECK(of(r, 3)->count == 2);
  CHECK(of(r, 4)->count == 1);
  CHECK(std::isnan(of(r, 0)->count));
  CHECK(of(r, 0)->speed_kmh == 90);
}

TEST_CASE("datex v2: the time of a value may be the begin, the middle or the end of its period") {
  for (auto const& [means, begin_s] :
       {std::pair(time_meaning::kBegin, 0), {time_meaning::kMiddle, -30}, {time_meaning::kEnd, -60}}) {
    read_options o;
    o.datex_time = means;
    CHECK(read_both(table(), measured(value(1, flow("60"))), o).records[0].begin_ms ==
          kMonday_ms + 8 * 3600000 + begin_s * 1000);
  }
}

namespace {
std::string v3(std::string const& quantities, std::string const& time) {
  return "<con:messageContainer xmlns:con=\"http://datex2.eu/schema/3/messageContainer\" "
         "xmlns:roa=\"http://datex2.eu/schema/3/roadTrafficData\" "
         "xmlns:com=\"http://datex2.eu/schema/3/common\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
         "modelBaseVersion=\"3\">"
         "<con:payload "
         "xsi:type=\"roa:MeasuredDataPublication\"><com:publicationTime>2024-11-04T08:01:00Z</com:publicationTime>"
         "<com:publicationCreator><com:nationalIdentifier>NL</com:nationalIdentifier></"
         "com:publicationCreator><roa:siteMeasurements>"
         "<roa:measurementSiteReference targetClass=\"roa:MeasurementSite\" id=\"m9\" version=\"4\"/>" +
         quantities + "<roa:measurementTimeDefault>" + time +
         "</roa:measurementTimeDefault></roa:siteMeasurements></con:payload></con:messageContainer>";
}
std::string quantity(int index, std::string const& time, std::string const& data, char const* type = "TrafficFlow") {
  return "<roa:physicalQuantity index=\"" + std::to_string(index) +
         "\"><roa:physicalQuantity xsi:type=\"roa:SinglePhysicalQuantity\">"
         "<roa:basicData xsi:type=\"roa:" +
         type + "\">" + time + data + "</roa:basicData></roa:physicalQuantity></roa:physicalQuantity>";
}
constexpr char const* kFlow3 = "<roa:vehicleFlow><com:vehicleFlowRate>300</com:vehicleFlowRate></roa:vehicleFlow>";
}  // namespace

TEST_CASE("datex v3: the time comes after the values, as a period or with its meaning, and a value may have its own") {
  std::string const period =
      "<roa:period><com:startOfPeriod>2024-11-04T08:00:00Z</com:startOfPeriod><com:endOfPeriod>2024-11-04T08:05:00Z</"
      "com:endOfPeriod></roa:period>";
  auto const r = read_text_counts(
      v3(quantity(1, "", kFlow3) +
             quantity(2,
                      "<roa:measurementOrCalculationTime><roa:period><com:startOfPeriod>2024-11-04T07:00:00Z</"
                      "com:startOfPeriod>"
                      "<com:endOfPeriod>2024-11-04T08:00:00Z</com:endOfPeriod></roa:period></"
                      "roa:measurementOrCalculationTime>",
                      kFlow3) +
             quantity(3, "", "<roa:averageVehicleSpeed><com:speed>50</com:speed></roa:averageVehicleSpeed>",
                      "TrafficSpeed"),
         period),
      "d.xml");
  REQUIRE(r.records.size() == 2);
  CHECK(r.report.kind == "DATEX II v3");
  CHECK(of(r, 1)->period_ms == 300000);
  CHECK(of(r, 1)->count == 25);
  CHECK(of(r, 1)->speed_kmh == 50);
  CHECK(of(r, 1)->begin_ms == kMonday_ms + 8 * 3600000);
  CHECK(of(r, 2)->period_ms == 3600000);
  CHECK(of(r, 2)->count == 300);
  CHECK(r.key(0).source == "NL");
  read_options o;
  o.period_s = 60;
  auto const end = read_text_counts(
      v3(quantity(1, "", kFlow3),
         "<roa:timeMeaning>endTime</roa:timeMeaning><roa:timeValue>2024-11-04T08:00:00Z</roa:timeValue>"),
      "d.xml", o);
  CHECK(end.records[0].begin_ms == kMonday_ms + 8 * 3600000 - 60000);
}

TEST_CASE("datex: what is no measured data, or hostile, is refused with file and line") {
  read_options o;
  o.period_s = 60;
  std::string const good = measured(value(1, flow("60")));
  struct row {
    char const* name;
    std::string text;
    std::vector<std::string> says;
  };
  std::string deep = "<d2LogicalModel modelBaseVersion=\"2\">";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  std::string const bomb =
      "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
      "\"&a;&a;&a;&a;&a;&a;&a;&a;\">]><d2LogicalModel>&b;</d2LogicalModel>";
  row const rows[] = {
      {"a site of nothing", replaced(good, "id=\"m1\"", "name=\"m1\""), {"d.xml:2", "attribute 'id' is missing"}},
      {"a rate of letters",
       replaced(good, ">60<", ">sixty<"),
       {"d.xml:2", "<vehicleFlowRate>", "'sixty' is no number"}},
      {"a time without offset",
       replaced(good, "09:00:00+01:00", "09:00:00"),
       {"measurementTimeDefault", "no time with its offset"}},
      {"an index of letters", replaced(good, "index=\"1\"", "index=\"one\""), {"attribute 'index'"}},
      {"cut", good.substr(0, good.size() / 2), {"malformed XML"}},
      {"another publication",
       v2("<situation id=\"1\"/>", "SituationPublication"),
       {"neither siteMeasurements nor measurement sites"}},
      {"an entity bomb", bomb, {"entity"}},
      {"deep", deep, {"nested too deeply"}},
  };
  for (row const& r : rows) {
    DYNAMIC_SECTION(r.name) {
      std::string const why = refusal([&] { read_text_counts(r.text, "d.xml", o); });
      for (std::string const& s : r.says) CHECK(holds(why, s));
    }
  }
}

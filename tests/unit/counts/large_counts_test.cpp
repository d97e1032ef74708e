// Documents as large as feeds send in a bad hour: read with bounded memory.
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

long peak_mib() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return u.ru_maxrss / 1024;
}

// The largest file first, so that what it takes is seen. 500 MB of each kind.
constexpr std::size_t kBytes = 500'000'000;

std::uint64_t read_made(std::filesystem::path const& file, read_options const& o) {
  count_catalog catalog;
  std::uint64_t n = 0;
  read_counts(file, o, catalog, [&](std::span<count_record const> b) { n += b.size(); });
  return n;
}

}  // namespace

TEST_CASE("large: 500 MB of DATEX II, of NGSI and of CSV are read within 100 MB more") {
  temp_folder const t;
  long const before = peak_mib();
  {
    std::ofstream out(t / "d.xml");
    out << "<d2LogicalModel "
           "modelBaseVersion=\"2\"><payloadPublication><publicationTime>2024-11-04T08:00:00Z</publicationTime>";
    for (std::size_t i = 0; static_cast<std::size_t>(out.tellp()) < kBytes; ++i) {
      out << "<siteMeasurements><measurementSiteReference id=\"s" << i % 5000
          << "\" version=\"1\"/><measurementTimeDefault>2024-11-04T0" << i / 500000 % 10
          << ":00:00Z</measurementTimeDefault>";
      for (int k = 0; k < 8; ++k) {
        out << "<measuredValue index=\"" << k
            << "\"><measuredValue><basicData xsi:type=\"TrafficFlow\"><measurementOrCalculationPeriod>60"
               "</measurementOrCalculationPeriod><vehicleFlow><dataError>false</dataError><vehicleFlowRate>"
            << 60 * (i % 40) << "</vehicleFlowRate></vehicleFlow></basicData></measuredValue></measuredValue>";
      }
      out << "</siteMeasurements>\n";
    }
    out << "</payloadPublication></d2LogicalModel>";
  }
  CHECK(read_made(t / "d.xml", {}) > 1'500'000);
  std::filesystem::remove(t / "d.xml");
  CHECK(peak_mib() - before < 100);
  {
    std::ofstream out(t / "n.json");
    out << "[";
    for (std::size_t i = 0; static_cast<std::size_t>(out.tellp()) < kBytes; ++i) {
      out << (i == 0 ? "" : ",") << "{\"id\": \"urn:x:" << i % 5000
          << "\", \"type\": \"TrafficFlowObserved\", \"dateObservedFrom\": \"2024-11-04T08:00:00Z\", "
             "\"dateObservedTo\": "
             "\"2024-11-04T08:05:00Z\", \"intensity\": 17, \"occupancy\": 0.1, \"location\": {\"type\": \"Point\", "
             "\"coordinates\": [-9.4, 38.7]}}\n";
    }
    out << "]";
  }
  CHECK(read_made(t / "n.json", {}) > 2'000'000);
  std::filesystem::remove(t / "n.json");
  CHECK(peak_mib() - before < 100);
  {
    std::ofstream out(t / "c.csv");
    out << "station,begin,period_s,count,speed_kmh,occupancy_pct\n";
    for (std::size_t i = 0; static_cast<std::size_t>(out.tellp()) < kBytes; ++i)
      out << "d" << i % 5000 << ",2024-11-04T08:00,900," << i % 300 << ",55.5,3.25\n";
  }
  CHECK(read_made(t / "c.csv", {}) > 10'000'000);
  CHECK(peak_mib() - before < 100);
}

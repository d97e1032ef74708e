// SUMO's output, turned into observations while it is being written: meandata (traffic and emissions of edges),
// tripinfo, stopinfo, induction loops, lane areas, and the closing statistics. Values are SUMO's own, digit for digit,
// as float. Meanings: SUMO manual, "Lane- or Edge-based Traffic Measures", "TripInfo", "StopOutput", "Induction Loops
// Detectors", "StatisticOutput".
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/observations.h"
#include "sim/core/xml.h"
#include "sim/engine_sumo/names.h"
#include "sim/network/network.h"

namespace gemeo {

inline constexpr char const* kTrafficData = "gemeo.traffic";  // ids of our own <edgeData>
inline constexpr char const* kEmissionData = "gemeo.emissions";

struct closing_statistics {
  std::int64_t teleports = 0, jam = 0, yield = 0, wrong_lane = 0, collisions = 0, emergency_stops = 0;
};

class output_reader : public xml_handler {
 public:
  // emissions: every traffic interval is followed by one of emissions. names and net must outlive the reader.
  output_reader(network const& net, sumo_names& names, bool emissions, std::filesystem::path name);
  void push(std::string_view text);
  observations ready;
  std::optional<closing_statistics> closing;
  double time_s = 0;  // now, by which SUMO reckons how long somebody has waited

  void start(std::string_view element, xml_attributes const& a) override;
  void end(std::string_view element) override;
  [[nodiscard]] bool wants_text() const override { return false; }

 private:
  enum class inside { kNothing, kTraffic, kEmissions };
  void start_interval(xml_attributes const& a);
  void add_traffic(xml_attributes const& a);
  void add_emissions(xml_attributes const& a);
  void start_trip(xml_attributes const& a);
  void add_ride(xml_attributes const& a);
  void add_stop(xml_attributes const& a);
  void add_area(xml_attributes const& a);
  void add_crossing(xml_attributes const& a);
  [[nodiscard]] edge_id edge(xml_attributes const& a) const;

  network const& net_;
  sumo_names& names_;
  bool emissions_;
  inside inside_ = inside::kNothing;
  edge_interval traffic_;
  std::size_t emission_row_ = 0;
  trip_record trip_;
  bool in_trip_ = false;
  sumo_names::passenger const* rides_ = nullptr;  // of the person that is being told of
  std::size_t next_ride_ = 0;
  int depth_ = 0;
  bool begun_ = false, closed_ = false;
  std::string head_;  // text before the document begins
  xml_push_parser parser_;
};

}  // namespace gemeo

// SUMO's warnings, as the run reports them: travellers by their own names, at most kPerKind of a kind, and counted
// where a warning is the only place in which SUMO says why a vehicle was teleported.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/core/observations.h"

namespace gemeo {

class message_log {
 public:
  static constexpr std::size_t kPerKind = 50;
  // traveller: what people call the vehicle that SUMO knows under this name.
  explicit message_log(std::function<std::string(std::string const&)> traveller) : traveller_(std::move(traveller)) {}

  // Gives what is worth reporting, and adds to c.
  std::vector<std::string> take(std::vector<std::string> const& messages, counters& c);
  // One line for each kind of which more came than were reported.
  [[nodiscard]] std::vector<std::string> summary() const;
  // The text for an error: what SUMO gave as errors, else as warnings.
  static std::string reason(std::vector<std::string> const& messages, std::string const& exception);
  [[nodiscard]] std::string with_names(std::string text) const;

 private:
  struct kind {
    std::size_t count = 0;
    std::string first;
  };
  std::function<std::string(std::string const&)> traveller_;
  std::unordered_map<std::string, kind> kinds_;
  std::vector<std::string> order_;
};

}  // namespace gemeo

// Vehicle classes as SUMO names them (SUMO manual, "Abstract Vehicle Class"), as bits of a permission mask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gemeo {

using vclass_mask = std::uint32_t;

enum class vclass : std::uint8_t {
  kPrivate,
  kEmergency,
  kAuthority,
  kArmy,
  kVip,
  kPedestrian,
  kPassenger,
  kHov,
  kTaxi,
  kBus,
  kCoach,
  kDelivery,
  kTruck,
  kTrailer,
  kMotorcycle,
  kMoped,
  kBicycle,
  kEvehicle,
  kTram,
  kRailUrban,
  kRail,
  kRailElectric,
  kRailFast,
  kShip,
  kCustom1,
  kCustom2,
  kCount,
  kIgnoring  // obeys no permission: it has no bit, and every mask permits it
};

inline constexpr vclass_mask kAllClasses = (1U << static_cast<unsigned>(vclass::kCount)) - 1U;
constexpr vclass_mask mask_of(vclass c) { return c == vclass::kIgnoring ? 0U : 1U << static_cast<unsigned>(c); }
constexpr bool permits(vclass_mask m, vclass c) { return (m & mask_of(c)) == mask_of(c); }

std::string_view name_of(vclass c);                      // "passenger"
std::optional<vclass> parse_vclass(std::string_view s);  // nullopt when unknown
// "passenger bus", "all" or "" to a mask; nullopt when one of the names is unknown (the name is put into *unknown).
std::optional<vclass_mask> parse_vclasses(std::string_view s, std::string* unknown = nullptr);
std::string names_of(vclass_mask m);  // "all", "" or "bus taxi"

}  // namespace gemeo

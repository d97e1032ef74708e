// Car-following after Krauss (1998), "Microscopic modeling of traffic flow", with SUMO's documented changes (SUMO
// manual, "Car-Following-Models", Krauss; semi-implicit Euler): a speed is safe if the driver can stop behind a leader
// who brakes at once. And the Intelligent Driver Model (Treiber, Hennecke and Helbing 2000, "Congested traffic states
// in empirical observations and microscopic simulations", eqs. 2 to 4) as SUMO 1.15 integrates it: in steps of a
// quarter of a second, the leader's speed constant. Distances in m, speeds in m/s, decelerations positive in m/s2,
// times in s. Gaps are net of the driver's own minimum gap. Pure functions: any thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "sim/core/vclass.h"

namespace gemeo::micro {

inline constexpr double kEps = 0.001;        // SUMO's NUMERICAL_EPS
inline constexpr double kPosEps = 0.1;       // its POSITION_EPS
inline constexpr double kHalting_mps = 0.1;  // slower than this is standing
inline constexpr double kEmergencyAmplifier = 1.2;

// std::floor of what fits 64 bits, without the call that it is on processors before SSE 4.1.
inline double floor_of(double x) {
  auto const whole = static_cast<double>(static_cast<std::int64_t>(x));
  return whole > x ? whole - 1 : whole;
}

struct driver {  // one vehicle type's parameters, as SUMO's vType has them
  double length_m = 5, min_gap_m = 2.5, accel = 2.6, decel = 4.5, emergency = 9, sigma = 0.5, tau_s = 1,
         max_speed = 55.56, impatience = 0;
  vclass cls = vclass::kPassenger;
  double dt = 1;  // length of a tick
  bool idm = false;
  double idm_delta = 4, idm_step_s = 0.25;
  // SUMO's lane-change parameters lcStrategic, lcCooperative, lcSpeedGain, lcKeepRight, lcAssertive.
  double strategic = 1, cooperative = 1, speed_gain = 1, keep_right = 1, assertive = 1;

  [[nodiscard]] double length_with_gap() const { return length_m + min_gap_m; }
  [[nodiscard]] std::int64_t taken() const { return std::llround(length_with_gap() * 1e4); }  // the same in 0.1 mm
  // x / dt, without waiting for a division where that is x.
  [[nodiscard]] double per_tick(double x) const { return dt == 1 ? x : x / dt; }
  [[nodiscard]] double max_next(double speed) const { return std::min(speed + accel * dt, max_speed); }
  [[nodiscard]] double min_next(double speed) const {  // SUMO lets IDM brake harder than it likes before a stop
    return std::max(speed - (idm ? std::max(decel, std::min(emergency, 1.5)) : decel) * dt, 0.0);
  }
  [[nodiscard]] double min_next_emergency(double speed) const { return std::max(speed - emergency * dt, 0.0); }

  // Way needed to stop when braking with b in ticks, after driving on for headway.
  [[nodiscard]] double brake_gap(double speed, double b, double headway) const {
    double const reduction = b * dt;
    if (speed >= 0 && speed < reduction) return speed * headway;  // no whole tick; what follows comes to the same
    double const steps = floor_of(speed / reduction);
    return dt * (steps * speed - reduction * steps * (steps + 1) / 2) + speed * headway;
  }
  // Drivers brake at least so hard for red and yellow.
  [[nodiscard]] double held_decel() const { return std::max(std::min(3.0, emergency), decel); }
  [[nodiscard]] double brake_gap(double speed) const { return brake_gap(speed, decel, tau_s); }
  [[nodiscard]] bool can_brake(double speed, double way) const {
    return speed < decel * dt || way > brake_gap(speed, decel, 0);
  }

  // The largest speed from which a stop within gap is possible, braking with b after headway.
  [[nodiscard]] double safe_stop_euler(double gap, double b_mps2, double headway) const {
    double const g = gap - kEps;
    if (g < 0) return 0;
    double const b = b_mps2 * dt, t = headway, s = dt;
    double const n = floor_of(.5 - per_tick(t - 0.5 * std::sqrt(s * s + 4.0 * (s * (2.0 * g / b - t) + t * t))));
    double const h = 0.5 * n * (n - 1) * b * s + n * b * t;
    return n * b + (g - h) / (n * s + t);
  }
  // Braking that is needed when the comfortable one no longer is enough.
  [[nodiscard]] double emergency_decel(double gap, double speed, double leader_speed, double leader_decel) const {
    if (gap <= 0) return emergency;
    double const leader_way = 0.5 * leader_speed * leader_speed / leader_decel;
    double const b1 = 0.5 * speed * speed / (gap + leader_way);
    if (b1 <= leader_decel) return b1;
    return 0.5 * (speed * speed - leader_speed * leader_speed) / gap;
  }
  // IDM's speed after a tick. gap: net of the minimum gap when standing_gap is counted, which then is added to both.
  [[nodiscard]] double idm_speed(double gap, double speed, double leader_speed, double desired,
                                 bool standing_gap) const {
    int const steps = std::max(1, static_cast<int>(std::lround(dt / idm_step_s)));
    double const two_root = 2 * std::sqrt(accel * decel), standing = standing_gap ? min_gap_m : 0;
    double v = speed, g = gap + standing;
    for (int i = 0; i < steps; ++i) {
      double const wished = std::max(0.0, v * tau_s + v * (v - leader_speed) / two_root) + standing;
      g = std::max(kEps, g);
      double const a = accel * (1 - std::pow(v / std::max(kEps, desired), idm_delta) - wished * wished / (g * g));
      v = std::max(0.0, v + a * dt / steps);
      g -= std::max(0.0, (v - leader_speed) * dt / steps);
    }
    return v;
  }
  // desired: the speed limit as this driver takes it, which IDM alone needs.
  [[nodiscard]] double stop_speed(double speed, double gap, double b, double desired) const {
    if (idm) {
      if (gap < 0.01) return 0;
      double const v = idm_speed(gap, speed, 0, desired, false);
      if (speed >= kEps || v >= kEps) return v;
    }
    double safe = safe_stop_euler(gap, b, dt);
    if (b != emergency) {
      double const planned = per_tick(speed - safe);
      if (planned > b + kEps) {
        double const needed = std::clamp(kEmergencyAmplifier * emergency_decel(gap, speed, 0, 1), b, planned);
        safe = std::max(speed - needed * dt, 0.0);
      }
    }
    return idm ? safe : std::min(safe, max_next(speed));
  }
  [[nodiscard]] double stop_speed(double speed, double gap, double desired) const {
    return stop_speed(speed, gap, decel, desired);
  }

  // With which somebody may enter the road who has to be able to stop: by no harder braking than he likes.
  [[nodiscard]] double insertion_stop_speed(double speed, double gap, double desired) const {
    return idm ? stop_speed(speed, gap, desired) : std::min(safe_stop_euler(gap, decel, dt), max_next(speed));
  }

  // relaxed: as on the road; otherwise as when changing lanes or entering, where nobody brakes harder than he likes.
  [[nodiscard]] double safe_follow(double gap, double speed, double leader_speed, double leader_decel,
                                   bool relaxed) const {
    double x = 0;
    if (gap >= 0 || !relaxed) {
      x = safe_stop_euler(gap + brake_gap(leader_speed, std::max(decel, leader_decel), 0), decel, tau_s);
    } else {
      x = std::max(speed - emergency * dt, 0.0);
    }
    if (relaxed && decel != emergency) {
      double const planned = per_tick(speed - x);
      if (planned > decel + kEps) {
        double const needed =
            std::clamp(kEmergencyAmplifier * emergency_decel(gap, speed, leader_speed, leader_decel), decel, planned);
        x = std::max(speed - needed * dt, 0.0);
      }
    }
    return x;
  }
  [[nodiscard]] double follow_speed(double speed, double gap, double leader_speed, double leader_decel, double desired,
                                    bool relaxed = true) const {
    if (idm) return idm_speed(gap, speed, leader_speed, desired, true);
    return std::min(safe_follow(gap, speed, leader_speed, leader_decel, relaxed), max_next(speed));
  }
  // The largest speed not above `speed` with which to enter the road behind a leader.
  [[nodiscard]] double insertion_speed(double gap, double speed, double leader_speed, double leader_decel,
                                       double desired) const {
    if (!idm) return safe_follow(gap, speed, leader_speed, leader_decel, false);
    for (int i = 0; i < 100; ++i) {
      if (gap >= std::max(0.0, speed * tau_s + speed * (speed - leader_speed) / (2 * std::sqrt(accel * decel))))
        return speed;
      double const next = idm_speed(gap, speed, leader_speed, desired, true);
      speed = next;
      if (next - idm_speed(gap, next, leader_speed, desired, true) < 1) break;
    }
    return speed;
  }
  // Net gap at which following is safe without braking.
  [[nodiscard]] double secure_gap(double speed, double leader_speed, double leader_decel) const {
    if (idm) return std::max(0.0, speed * tau_s + speed * (speed - leader_speed) / (2 * std::sqrt(accel * decel)));
    double const leader_way = brake_gap(leader_speed, std::max(decel, leader_decel), 0);
    return std::max(0.0, brake_gap(speed, decel, tau_s) - leader_way);
  }
  // The speed now from which `target` is reached in `way` with comfortable braking.
  [[nodiscard]] double free_speed(double speed, double way, double target, double desired,
                                  bool on_insertion = false) const {
    if (idm) {
      double const gap = secure_gap(target, 0, decel);
      double const v = speed <= target ? idm_speed(1e6, speed, target, desired, false)
                                       : idm_speed(std::max(way, gap), speed, 0, desired, false);
      return way < gap ? std::min(v, target) : v;
    }
    double const v = target * dt;
    if (way < v) return target;
    double const b = decel * dt * dt;
    double const y = std::max(0.0, ((std::sqrt((b + 2.0 * v) * (b + 2.0 * v) + 8.0 * b * way) - b) * 0.5 - v) / b);
    double const full = floor_of(y);
    double const exact = (full * full + full) * 0.5 * b + full * v + (y > full ? v : 0.0);
    double const gain = (full + (on_insertion ? 1.0 : 0.0)) * decel * dt;
    return std::max(0.0, way - exact) / (full + 1) / dt + gain + target;
  }
  [[nodiscard]] double speed_after(double way, double speed, double a) const {
    return std::clamp(std::sqrt(std::max(0.0, 2 * way * a + speed * speed)), 0.0, max_speed);
  }
  // Least time until `way` is covered, arriving with arrival_speed.
  [[nodiscard]] double arrival_time(double way, double speed, double arrival_speed) const {
    double const a = arrival_speed >= speed ? accel : -decel;
    double const accel_time = (arrival_speed - speed) / a;
    double const accel_way = accel_time * (arrival_speed + speed) * 0.5;
    return accel_time + std::max(0.0, way - accel_way) / std::max({speed, arrival_speed, kHalting_mps});
  }
  // Of who means to pass a link `way` ahead: when it arrives, counted from the end of this tick. later: who goes after
  // one that came alike.
  [[nodiscard]] double arrival_s(double way, double speed, double arrival_speed, bool later) const {
    double const s = arrival_time(way, speed, arrival_speed) - dt;
    return later ? s + 0.001 : s;
  }
  // With which speed, were it to brake at once; 0: it can stand before it.
  [[nodiscard]] double braking_arrival_speed(double way, double speed, double arrival_speed) const {
    return way < brake_gap(speed) ? std::min(least_arrival_speed(way, speed), arrival_speed) : 0;
  }
  // Speed at a stop line that can no longer be respected.
  [[nodiscard]] double least_arrival_speed(double way, double speed) const {
    if (way < speed) return 1e9;
    double const rest = way - speed * tau_s;
    if (-2 * rest * decel + speed * speed >= 0) return speed_after(rest, speed, -decel);
    return decel;
  }
  // Krauss' imperfection: u in [0, 1).
  [[nodiscard]] double dawdle(double speed, double u) const {
    double const loss = speed < accel ? sigma * speed * u : sigma * accel * u;
    return std::max(0.0, speed - loss * dt);
  }
};

}  // namespace gemeo::micro

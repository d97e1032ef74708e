#include "tests/unit/counts/made_counts.h"

#include <cmath>

#include "sim/core/error.h"
#include "tests/support/tiny_network.h"

namespace gemeo::test {

read_counts_result read_text_counts(std::string_view text, std::string const& file_name, read_options const& o) {
  temp_folder const t;
  write_text(t / file_name, text);
  read_counts_result out;
  out.report = read_counts(t / file_name, o, out.catalog, [&](std::span<count_record const> b) {
    out.records.insert(out.records.end(), b.begin(), b.end());
  });
  return out;
}

read_counts_result read_csv_text(std::string_view text, std::string_view mapping, std::string const& file_name) {
  read_options o;
  o.mapping = std::make_shared<csv_mapping const>(parse_mapping(mapping, "m.toml"));
  return read_text_counts(text, file_name, o);
}

std::string refusal(std::function<void()> const& read) {
  try {
    read();
  } catch (error const& e) {
    CHECK(e.exit_code() == 2);
    return e.what();
  }
  FAIL("nothing was refused");
  return "";
}

bool holds(std::string const& text, std::string const& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

void add_week(made_week& w, int days, double peak_veh_per_h, std::string const& site) {
  std::uint32_t const series = w.catalog.intern({"made", site, "", "", "", kNoIndex, kAllLanes});
  auto const bell = [](double h, double middle, double width) { return std::exp(-std::pow((h - middle) / width, 2)); };
  auto const steps = static_cast<int>(86400 / w.period_s);
  std::uint64_t state = 12345 + series;
  for (int d = 0; d < days; ++d) {
    double const of_kind = d % 7 == 5 ? 0.7 : d % 7 == 6 ? 0.6 : 1;
    for (int i = 0; i < steps; ++i) {
      double const h = (i + 0.5) * w.period_s / 3600;
      double const flow =
          peak_veh_per_h * of_kind * (0.05 + 0.9 * bell(h, 8.2, 1.5) + 0.35 * bell(h, 13, 3) + 0.8 * bell(h, 18, 2));
      double const mean = flow * w.period_s / 3600;
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      double const u = static_cast<double>(state >> 11U) / 9007199254740992.0;
      count_record r;
      r.series = series;
      r.begin_ms = kMonday_ms + std::int64_t{d} * 86400000 + std::llround(i * w.period_s * 1000);
      r.period_ms = static_cast<std::uint32_t>(w.period_s * 1000);
      r.count = static_cast<float>(std::max(0.0, std::round(mean + (2 * u - 1) * 1.7 * std::sqrt(mean))));
      if (r.count > 0) r.speed_kmh = static_cast<float>(70 - 20 * flow / peak_veh_per_h);
      r.occ_frac = r.count > 0 ? static_cast<float>(r.count * 6 / (r.speed_kmh / 3.6) / w.period_s) : 0.0F;
      w.records.push_back(r);
    }
  }
}

made_week make_week(int days, double period_s, double peak_veh_per_h, std::string const& site) {
  made_week w;
  w.period_s = period_s;
  add_week(w, days, peak_veh_per_h, site);
  return w;
}

}  // namespace gemeo::test

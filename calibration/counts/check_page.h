// The quality of counts as a page of HTML that stands alone: a matrix of detectors and days, and each detector's flow
// over time with the days' verdicts behind it; what the network says of them. English and Portuguese, of which one is
// shown; charts stand there once. Every text that comes from a file is made harmless (report_svg.h).
// Thread rule: plain functions.
#pragma once

#include <string>

#include "calibration/counts/check_network.h"

namespace gemeo {

struct check_page_options {
  language first = language::kEnglish;  // shown first; the page holds both
  std::size_t most_charts = 400;
};

std::string check_page_html(loaded_counts const& c, network const* net, network_findings const& found,
                            check_page_options const& o = {});

// One detector's chart, for the page and its tests: flow in veh/h over local time. detector: same_detector.
std::string flow_chart_svg(loaded_counts const& c, std::uint32_t detector, std::string const& id);

}  // namespace gemeo

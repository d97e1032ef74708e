"""What scripts/cascais/make_counts.py refuses, and that it does so before the minutes of its assignment where it can."""
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts" / "cascais"))
import make_counts  # noqa: E402
import net as nets  # noqa: E402


def edge(name, length=100.0, x=0.0):
    return nets.Edge(name, "Road", length, 14.0, 1, [(x, 0.0), (x, length)], 0)


def some_net(count):
    net = mock.Mock()
    net.edges = {f"e{i}": edge(f"e{i}", x=1000.0 * i) for i in range(count)}
    return net


def rows_of(edges):
    return [{"edge": e} for e in edges]


def flow(vehicles):
    return {slot: (vehicles, 14.0, 1.0) for slot in range(make_counts.SLOTS)}


class Refusals(unittest.TestCase):
    def refused(self, wanted, call, *arguments):
        with self.assertRaises(SystemExit) as refusal:
            call(*arguments)
        self.assertIn(wanted, str(refusal.exception))
        return str(refusal.exception)

    def test_places_stay_in_the_order_of_the_file_and_the_loops_of_an_edge_are_one(self):
        net = some_net(make_counts.DETECTORS)
        edges = list(reversed(net.edges))
        self.assertEqual(make_counts.present_places(rows_of([edges[0], *edges]), net), edges)

    def test_an_edge_that_is_gone_is_named(self):
        net = some_net(make_counts.DETECTORS)
        text = self.refused("the network has no edges gone", make_counts.present_places,
                            rows_of(["gone", *list(net.edges)[1:]]), net)
        self.assertIn("--places", text)

    def test_too_few_places_are_counted(self):
        net = some_net(make_counts.DETECTORS)
        self.refused(f"{make_counts.DETECTORS - 1} places, {make_counts.DETECTORS} are needed",
                     make_counts.present_places, rows_of(list(net.edges)[1:]), net)

    def test_a_place_where_nobody_drives_is_named(self):
        make_counts.refuse_silent(["a"], {"a": flow(5.0)})
        for weekday in ({"a": flow(5.0)}, {"a": flow(5.0), "b": flow(0.0)}):
            text = self.refused("nobody drives on b", make_counts.refuse_silent, ["a", "b"], weekday)
            self.assertIn("--places", text)

    def test_too_little_traffic_for_new_places_is_told(self):
        net = some_net(3)
        self.refused("only 2 places", make_counts.choose_places, net,
                     {"e0": flow(100.0), "e1": flow(100.0), "e2": flow(1.0)})

    def test_what_is_wrong_with_the_places_is_told_before_the_assignment_and_nothing_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            city = pathlib.Path(folder)
            (city / "detectors.csv").write_text("id,station,edge\nd01_0,d01,gone\n", encoding="utf-8")
            never = mock.Mock(side_effect=AssertionError("assigned before the places were looked at"))
            with mock.patch.multiple(make_counts, CITY=city, assigned=never, true_rows=never, true_profiles=never), \
                    mock.patch.object(nets, "Net", return_value=some_net(1)):
                self.refused("no edges gone", make_counts.make, None, False)
            self.assertEqual([f.name for f in city.iterdir()], ["detectors.csv"])


if __name__ == "__main__":
    unittest.main()

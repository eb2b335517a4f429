using System.Globalization;
using System.Text.Json;

namespace Parley.Benchmarks.Reporting;

/// <summary>One figure of a row: as it is printed, and as it stands in the JSON file.</summary>
readonly record struct Cell(string Text, double? Value = null)
{
    public static Cell Count(double value) => new(value.ToString("N0", CultureInfo.InvariantCulture), Math.Round(value));

    public static Cell Of(double value, int decimals = 1) => new(value.ToString($"N{decimals}", CultureInfo.InvariantCulture), Math.Round(value, decimals + 2));

    public static Cell Ratio(double value) => new(value.ToString(value < 0.1 ? "0.000" : "0.00", CultureInfo.InvariantCulture), Math.Round(value, 4));

    public static implicit operator Cell(string text) => new(text);
}

/// <summary>Prints each row as soon as it is measured, and keeps all of them for the JSON file.</summary>
sealed class Report(IReadOnlyDictionary<string, string> conditions)
{
    const int NameWidth = 26, LeastCellWidth = 8;

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    readonly List<object> _rows = [];
    string _section = "";
    string[] _columns = [];

    public void Open(string section, string note, params string[] columns)
    {
        (_section, _columns) = (section, columns);
        Console.WriteLine($"\n== {section}: {note}");
        Print("", [.. columns.Append("load").Select(column => new Cell(column))]);
    }

    public void Add(string name, params Cell[] cells)
    {
        var load = Machine.LoadAverage();
        Print(name, [.. cells, Cell.Of(load)]);
        _rows.Add(new
        {
            section = _section,
            name,
            load,
            values = _columns.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second.Value ?? (object)pair.Second.Text),
        });
    }

    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(new { conditions, rows = _rows }, Indented));

    void Print(string name, Cell[] cells)
        => Console.WriteLine(name.PadRight(NameWidth) + string.Concat(cells.Select((cell, i) => "  " + cell.Text.PadLeft(WidthOf(i)))));

    int WidthOf(int column) => column < _columns.Length ? Math.Max(LeastCellWidth, _columns[column].Length) : LeastCellWidth;
}

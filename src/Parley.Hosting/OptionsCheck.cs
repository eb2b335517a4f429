using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace Parley.Hosting;

/// <summary>Checks the ranges that options declare, nested options and lists of them included, and names the key, its environment variable, the value and what is allowed.</summary>
sealed class OptionsCheck<T>(string section) : IValidateOptions<T> where T : class
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var faults = Faults(section, options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    static IEnumerable<string> Faults(string section, object options)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var (key, value) = ($"{section}:{property.Name}", property.GetValue(options));
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
                if (!rule.IsValid(value)) yield return $"{key} ({key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()}) is {Show(value)}; {Allowed(rule)}.";
            if (value is Enum && !Enum.IsDefined(value.GetType(), value))
                yield return $"{key} is {Show(value)}; allowed is one of {string.Join(", ", Enum.GetNames(value.GetType()))}.";
            if (value is not null && IsOptions(property.PropertyType))
                foreach (var fault in Faults(key, value)) yield return fault;
            if (value is string || value is not IEnumerable entries) continue;
            var index = 0;
            foreach (var entry in entries)
            {
                if (IsOptions(entry?.GetType()))
                    foreach (var fault in Faults($"{key}:{index}", entry!)) yield return fault;
                index++;
            }
        }
    }

    static bool IsOptions(Type? type) => type is { IsClass: true } && type.Assembly.GetName().Name!.StartsWith("Parley.", StringComparison.Ordinal);

    static string Show(object? value) => value is null or "" ? "empty" : string.Create(CultureInfo.InvariantCulture, $"{value}");

    static string Allowed(ValidationAttribute rule)
        => rule is RangeAttribute range ? $"allowed is {range.Minimum} to {range.Maximum}" : rule.FormatErrorMessage("the value");
}

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace Parley.Hosting;

/// <summary>Checks the ranges that options declare, nested options included, and names the key, its environment variable, the value and what is allowed.</summary>
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
            if (value is Enum && !Enum.IsDefined(property.PropertyType, value))
                yield return $"{key} is {Show(value)}; allowed is one of {string.Join(", ", Enum.GetNames(property.PropertyType))}.";
            if (value is not null && property.PropertyType.IsClass && property.PropertyType.Assembly.GetName().Name!.StartsWith("Parley.", StringComparison.Ordinal))
                foreach (var fault in Faults(key, value)) yield return fault;
        }
    }

    static string Show(object? value) => value is null or "" ? "empty" : string.Create(CultureInfo.InvariantCulture, $"{value}");

    static string Allowed(ValidationAttribute rule)
        => rule is RangeAttribute range ? $"allowed is {range.Minimum} to {range.Maximum}" : rule.FormatErrorMessage("the value");
}

using Parley.Wire.OpenIM;

namespace Parley.Edges.OpenIM.Rest;

/// <summary>Pages of lists that can be long. A page that is asked for too large is refused, not cut: clients take a shorter one for the last.</summary>
static class Paging
{
    /// <param name="start">Place of the first entry, from 0.</param>
    /// <returns>False when more than <see cref="OpenIMOptions.MaxIdsPerRequest"/> are asked for.</returns>
    public static bool TryRead(Pagination? pagination, OpenIMOptions options, out int start, out int count)
    {
        var (page, size) = pagination is null ? (1, options.MaxIdsPerRequest) : (pagination.PageNumber, pagination.ShowNumber);
        count = page < 1 ? 0 : Math.Max(0, size);
        start = (int)Math.Clamp((page - 1L) * count, 0, int.MaxValue);
        return count <= options.MaxIdsPerRequest;
    }

    public static RestAnswer TooLarge(OpenIMOptions options) => RestAnswer.Error(ErrorCodes.Arguments, $"showNumber is more than {options.MaxIdsPerRequest}");
}

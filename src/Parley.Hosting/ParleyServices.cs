using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Parley.Core;
using Parley.Core.Erasing;
using Parley.Core.Lists;
using Parley.Core.Messages;
using Parley.Core.Notices;
using Parley.Core.Retaining;
using Parley.Core.Sequencing;
using Parley.Core.Snapshots;
using Parley.Edges.OpenIM;
using Parley.Gateway;
using Parley.Hosting.Api;
using Parley.Hosting.Metrics;
using Parley.Rpc;
using Parley.Rpc.Replication;
using Parley.Store;
using Parley.Store.Disks;

namespace Parley.Hosting;

/// <summary>Puts Parley into any ASP.NET Core application.</summary>
public static class ParleyServices
{
    /// <summary>
    /// Adds the server: log, core and edges. Options come from the configuration section <c>Parley</c> and from <paramref name="configure"/>; they are checked at start,
    /// and a setting that does not exist is an error. The log is opened, and its directory taken, when the first part of it is asked for.
    /// </summary>
    public static IServiceCollection AddParley(this IServiceCollection services, Action<ParleyOptions>? configure = null)
    {
        services.AddOptions<ParleyOptions>().Configure<IConfiguration>((options, configuration) =>
        {
            if (configuration[$"{ParleyOptions.Section}:{nameof(ParleyOptions.DataDirectory)}"] is { } directory) options.DataDirectory = directory;
            if (configuration[$"{ParleyOptions.Section}:{nameof(ParleyOptions.BackupDirectory)}"] is { } backups) options.BackupDirectory = backups;
        }).ValidateOnStart();
        if (configure is not null) services.Configure(configure);
        services.AddSingleton<IValidateOptions<ParleyOptions>>(new OptionsCheck<ParleyOptions>(ParleyOptions.Section));
        services.AddChecked<LogOptions>(LogOptions.Section).AddChecked<CoreOptions>(CoreOptions.Section)
            .AddChecked<GatewayOptions>(GatewayOptions.Section).AddChecked<OpenIMOptions>(OpenIMOptions.Section)
            .AddChecked<RpcOptions>(RpcOptions.Section).AddChecked<ReplicationOptions>(ReplicationOptions.Section);
        services.AddOptions<OpenIMOptions>().PostConfigure<IOptions<ParleyOptions>>((openIM, parley) =>
        {
            if (openIM.Secret.Length == 0) openIM.Secret = ServerSecret.Obtain(parley.Value.DataDirectory, ServerSecret.OpenIMFile);
        });
        services.AddOptions<ReplicationOptions>().PostConfigure<IOptions<ParleyOptions>>((replication, parley) =>
        {
            if (replication.Secret.Length == 0) replication.Secret = ServerSecret.Obtain(parley.Value.DataDirectory, ServerSecret.ReplicationFile);
        });

        services.AddOptions<RpcOptions>().PostConfigure<IOptions<OpenIMOptions>>((rpc, openIM) => rpc.TokenApp ??= openIM.Value.App);

        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<CoreMetrics>();
        services.AddSingleton<IDisk>(provider =>
        {
            var options = provider.Value<ParleyOptions>();
            OwnerOnly.CreateDirectory(options.DataDirectory);
            return new PosixDisk(options.LogDirectory);
        });
        // Opening is recovery: it reads files and, on the real disk, never waits for anything else.
        services.AddSingleton(provider => Log.OpenAsync(provider.GetRequiredService<IDisk>(), provider.Value<LogOptions>(), provider.GetRequiredService<TimeProvider>())
            .AsTask().GetAwaiter().GetResult());
        services.AddSingleton(provider => Sequencer.Open(provider.GetRequiredService<Log>(), provider.Value<CoreOptions>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<CoreMetrics>()));
        services.AddSingleton<Snapshotter>();
        services.AddSingleton(provider => new Eraser(provider.GetRequiredService<Log>(), provider.GetRequiredService<Sequencer>(), new PosixDisk(provider.Value<ParleyOptions>().DataDirectory),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Retainer>();
        services.AddSingleton<MessageReader>().AddSingleton<NoticeReader>().AddSingleton<ListReader>();
        services.AddSingleton<ParleyNode>().AddHostedService(provider => provider.GetRequiredService<ParleyNode>());
        services.AddSingleton<Scrape>().AddSingleton<Passwords>();
        return services.AddParleyRpc().AddOpenIM();
    }

    static IServiceCollection AddChecked<T>(this IServiceCollection services, string section) where T : class
    {
        var path = $"{ParleyOptions.Section}:{section}";
        services.AddOptions<T>().BindConfiguration(path, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        return services.AddSingleton<IValidateOptions<T>>(new OptionsCheck<T>(path)).AddSingleton(provider => provider.Value<T>());
    }

    static T Value<T>(this IServiceProvider provider) where T : class => provider.GetRequiredService<IOptions<T>>().Value;
}
